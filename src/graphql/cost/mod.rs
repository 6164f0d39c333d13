//! What operations cost, before they run, and what clients may spend.

pub mod budgets;
pub mod held;
pub mod log_pace;
pub mod pricing;
mod sizes;
