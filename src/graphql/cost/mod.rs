//! The cost of operations: their prices before they run, and the budgets of clients.

pub mod budgets;
pub mod held;
pub mod log_pace;
pub mod pricing;
mod sizes;
