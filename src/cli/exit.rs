//! Exit codes: a public interface.

use std::process::ExitCode;

use seedbed_core::Verdict;

/// How the program ends, in order of precedence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Every check held.
    Held,
    /// A name or filter matched nothing.
    NotFound,
    /// Interrupted or inconclusive.
    Inconclusive,
    /// A check failed.
    Failed,
    /// A replay's digest differs.
    Differs,
    /// Bad usage or bad scenario.
    Bad,
    /// Our own fault.
    Internal,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Held => 0,
            Exit::Failed => 1,
            Exit::Bad => 2,
            Exit::Inconclusive => 3,
            Exit::NotFound => 4,
            Exit::Differs => 5,
            Exit::Internal => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Held => Exit::Held,
            Verdict::Inconclusive => Exit::Inconclusive,
            Verdict::Failed => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::*;

    #[test]
    fn precedence_is_70_2_5_1_3_4_0() {
        let mut all = [Held, NotFound, Inconclusive, Failed, Differs, Bad, Internal];
        all.sort_by(|a, b| b.cmp(a));
        assert_eq!(all.map(super::Exit::code), [70, 2, 5, 1, 3, 4, 0]);
    }
}
