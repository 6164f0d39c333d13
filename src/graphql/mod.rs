pub mod omitted;
