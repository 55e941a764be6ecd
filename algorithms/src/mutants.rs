//! Rows of mutants, a line each.

/// The mutants of an algorithm whose hidden parameter `mutant` calls them alike: what each gets
/// wrong, its name, and how it differs.
macro_rules! mutants {
    ($($bug:ident $name:ident $about:literal,)*) => {
        &[$(seedbed_node::Mutant {
            name: stringify!($name),
            params: concat!("mutant: ", stringify!($name)),
            bug: seedbed_node::Bug::$bug,
            about: $about,
        }),*]
    };
}

pub(crate) use mutants;
