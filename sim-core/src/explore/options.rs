//! How to search, and how far.

/// In which order states are visited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strategy {
    /// Those nearest to an initial state first. Counterexamples of safety are as short as can be, and
    /// the same whatever the number of threads.
    #[default]
    BreadthFirst,
    /// As deep as it goes first: needs the least memory, and its counterexamples are long.
    DepthFirst,
    /// Depth-first to a depth that grows until nothing lies beyond: by one, counterexamples are as
    /// short as can be, for much more time and less memory than breadth-first search.
    IterativeDeepening {
        /// By how much the depth grows; at least 1.
        step: u32,
    },
    /// Random paths from initial states, for what is too large to visit. Holds nothing for certain.
    RandomWalk {
        /// Of what is drawn.
        seed: u64,
        /// Paths.
        walks: u64,
        /// The most actions of a path.
        steps: u32,
    },
}

/// How to search, and how far.
///
/// This crate reads no clock: who wants to end a search after some time, or on Ctrl-C, says so
/// through [`stop`](Self::stop).
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// In which order.
    pub strategy: Strategy,
    /// Threads; at least 1.
    pub threads: usize,
    /// The most unique states to visit.
    pub states_max: u64,
    /// The most bytes for what has been seen and what waits. What states hold on the heap is not
    /// known here and not counted.
    pub memory_max: u64,
    /// The most actions from an initial state.
    pub depth_max: u32,
    /// Whether states that differ by names alone are one ([`Model::canonical`](super::Model::canonical)).
    /// Liveness is judged without.
    pub symmetry: bool,
    /// Whether to leave out what commutes with what is done anyway
    /// ([`Model::independent`](super::Model::independent)), by sleep sets: every state is visited
    /// all the same, along fewer paths. It is for depth-first search, which then uses one thread, and
    /// not with symmetry; else it is off, and the result says so. Liveness is judged without.
    pub partial_order: bool,
    /// Whether to keep whole states, which costs much memory, and to compare them: two that share a
    /// fingerprint are then noticed, and the search is not complete.
    pub whole_states: bool,
    /// Whether to go on after the first property that is broken.
    pub keep_going: bool,
    /// Whether to end now. Asked now and then, by every thread.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told now and then how far the search is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl Default for Options<'_> {
    /// Breadth-first on one thread, without limits and reductions, to the first breach.
    fn default() -> Self {
        Options {
            strategy: Strategy::default(),
            threads: 1,
            states_max: u64::MAX,
            memory_max: u64::MAX,
            depth_max: u32::MAX,
            symmetry: false,
            partial_order: false,
            whole_states: false,
            keep_going: false,
            stop: &never,
            progress: &untold,
        }
    }
}

fn never() -> bool {
    false
}

fn untold(_: Progress) {}

/// How far a search is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Unique states so far.
    pub unique: u64,
    /// States that wait to be expanded, as far as one thread knows.
    pub frontier: u64,
    /// Actions from an initial state, where the search is now.
    pub depth: u32,
}
