//! The judges of replication, by what servers do and clients are told. Consistency is for the
//! checkers of histories.

mod answered;
mod leased;
mod propagation;

pub use answered::Answered;
pub use leased::NoLostUpdate;
pub use propagation::UpdatePropagation;

#[cfg(test)]
mod tests;
