//! What an explorer needs of clients and judges: copies of them, and fingerprints.
//!
//! Clients and judges have a state of their own, which belongs to the state of an experiment as much
//! as the nodes' does: two runs go on alike only if their clients and judges do. So they are values,
//! as nodes are. Nobody implements these traits by hand: deriving `Clone` and `Hash` is enough.

use std::hash::{Hash, Hasher};

use crate::{Checker, Historian, Workload};

macro_rules! kept {
    ($(#[$about:meta] $kept:ident: $what:ident;)*) => {$(
        #[$about]
        pub trait $kept<R, E> {
            /// Another one in the same state.
            fn copied(&self) -> Box<dyn $what<R, E>>;
            /// Feeds the state to `into`.
            fn feed(&self, into: &mut dyn Hasher);
        }

        impl<R, E, T: $what<R, E> + Clone + Hash + 'static> $kept<R, E> for T {
            fn copied(&self) -> Box<dyn $what<R, E>> {
                Box::new(self.clone())
            }
            fn feed(&self, mut into: &mut dyn Hasher) {
                self.hash(&mut into);
            }
        }

        impl<R, E> Clone for Box<dyn $what<R, E>> {
            fn clone(&self) -> Self {
                (**self).copied()
            }
        }

        impl<R, E> Hash for dyn $what<R, E> {
            fn hash<H: Hasher>(&self, into: &mut H) {
                self.feed(into);
            }
        }
    )*};
}

kept! {
    /// A checker as a value: every [`Checker`] that is `Clone` and `Hash`.
    KeptChecker: Checker;
    /// A workload as a value: every [`Workload`] that is `Clone` and `Hash`.
    KeptWorkload: Workload;
    /// A historian as a value: every [`Historian`] that is `Clone` and `Hash`.
    KeptHistorian: Historian;
}
