//! How an algorithm lists its deliberate bugs.

/// The rows of an algorithm's `MUTANTS`: the parameter's type, then for each value of it but `None`
/// what it gets wrong ([`Bug`](seedbed_node::Bug)) and how it differs.
macro_rules! mutants {
    ($of:ident: $($name:ident, $bug:ident, $about:literal;)*) => {
        &[$(seedbed_node::Mutant {
            name: stringify!($name),
            params: concat!("mutant: ", stringify!($name)),
            bug: {
                let _ = $of::$name;
                seedbed_node::Bug::$bug
            },
            about: $about,
        }),*]
    };
}

pub(crate) use mutants;
