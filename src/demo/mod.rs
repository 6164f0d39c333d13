//! A campaign to look at: the union's tree with real names, its periods and goals, and people who
//! submit and review. Commands only, so that a demo goes the way of every caller.

pub mod plan;
pub mod traffic;
