//! Origins: the pages of other sites that a browser lets ask here, and change something with the
//! token of the person who looks at them. Programs that are no browsers send no origin and are let in.

pub mod check;
pub mod origins;
pub mod web_origin;
