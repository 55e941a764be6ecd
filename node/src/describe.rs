//! What a registry needs to know: families of algorithms, their members, their parameters.

use serde::de::DeserializeOwned;

use crate::{
    Checker, Duration, Historian, Marker, Measure, Node, NodeId, Probability, Value, Workload,
};

/// A problem that several algorithms solve, with everything that they share: the vocabulary
/// between client and node, the workload, the checkers and the measures.
pub trait Family: 'static {
    /// The name, such as `mutual-exclusion`.
    const NAME: &'static str;
    /// One line for `list`.
    const ABOUT: &'static str;
    /// What one operation is called: `entry`, `election`, `lookup`.
    const OPERATION: &'static str;
    /// The figures of a whole run that the measures give, so that scenarios may name them.
    const FIGURES: &'static [&'static str] = &[];
    /// The samples that the measures take, so that scenarios may name their summaries.
    const SAMPLES: &'static [&'static str] = &[];
    /// What a client asks of its node.
    type Request: Value;
    /// What a node tells its client.
    type Event: Value;
    /// The `workload:` section of a scenario.
    type Load: DeserializeOwned + Default + Clone + Send + Sync + 'static;

    /// The clients of a run with `nodes` members, or why the load makes no sense.
    fn workload(
        load: &Self::Load,
        nodes: u32,
    ) -> Result<Box<dyn Workload<Self::Request, Self::Event>>, String>;

    /// Safety: what must hold at every instant, for `Always(Name)`.
    fn checks() -> Vec<CheckRow<Self::Request, Self::Event>>;

    /// Liveness: what must come about, for `Within("30s", Name)` and `Eventually(Name)`.
    fn goals() -> Vec<GoalRow<Self::Request, Self::Event>>;

    /// The family's own figures.
    fn measures() -> Vec<Box<dyn Measure<Self::Request, Self::Event>>>;

    /// Reads off a run what clients asked of a shared object and were told, if that is what the
    /// family is about: then its runs can be checked for consistency.
    fn history() -> Option<Box<dyn Historian<Self::Request, Self::Event>>> {
        None
    }

    /// Reads off a run what nodes hold, are and do, for drawings of it.
    fn marks() -> Option<Box<dyn Marker<Self::Request, Self::Event>>> {
        None
    }
}

/// A safety checker by name.
pub struct CheckRow<R, E> {
    /// The name, such as `MutualExclusion`.
    pub name: &'static str,
    /// One line for `list`.
    pub about: &'static str,
    /// Makes one for a run.
    pub build: fn() -> Box<dyn Checker<R, E>>,
}

/// A liveness checker by name.
pub struct GoalRow<R, E> {
    /// The name, such as `Granted`.
    pub name: &'static str,
    /// One line for `list`.
    pub about: &'static str,
    /// Makes one for a run: with a deadline, or (`None`) for "once faults have healed, all that
    /// was begun completes".
    pub build: fn(Option<Duration>) -> Box<dyn Checker<R, E>>,
}

/// A node that a registry can offer under a name.
pub trait Algorithm:
    Node<
        Request = <<Self as Algorithm>::Family as Family>::Request,
        Event = <<Self as Algorithm>::Family as Family>::Event,
        Params: Params,
    >
{
    /// The problem that it solves.
    type Family: Family;
    /// The name in scenario files, such as `RicartAgrawala`.
    const NAME: &'static str;
    /// One line for `list`.
    const ABOUT: &'static str;
    /// Authors, venue, year.
    const SOURCE: &'static str;
    /// Messages per operation, as the literature writes it: `2(N-1)`.
    const COMPLEXITY: &'static str;
    /// What it assumes of the world.
    const NEEDS: Needs;
    /// Checks and goals of the family that this algorithm does not promise. A scenario without
    /// `checks` leaves them out; one that names them gets them.
    const UNPROMISED: &'static [&'static str] = &[];
    /// Its named forms besides the default one.
    const VARIANTS: &'static [Variant] = &[];
    /// The rare paths that it tells of by [`Context::reached`](crate::Context::reached), so that a
    /// hunt can say which were never taken.
    const PROBES: &'static [&'static str] = &[];
    /// Deliberate bugs that its hidden parameters can give it, each of which some check must find.
    const MUTANTS: &'static [Mutant] = &[];

    /// Messages per operation in a run of `nodes` members, where theory gives a number.
    fn theory(nodes: u32, params: &Self::Params) -> Theory {
        let _ = (nodes, params);
        Theory::Unknown
    }

    /// Why these parameters make no sense with `nodes` members.
    fn check_params(params: &Self::Params, nodes: u32) -> Result<(), String> {
        let _ = (params, nodes);
        Ok(())
    }
}

/// A named form of an algorithm: some of its parameters set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variant {
    /// The name, such as `notes`.
    pub name: &'static str,
    /// The parameters that make it, as a scenario file writes them: `variant: Notes`.
    pub params: &'static str,
    /// One line: how it differs.
    pub about: &'static str,
}

/// A realistic bug behind a hidden parameter, to show that the checks find it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mutant {
    /// The name, such as `HeadOnly`.
    pub name: &'static str,
    /// The parameters that make it, as a scenario file writes them: `mutant: HeadOnly`.
    pub params: &'static str,
    /// What it gets wrong.
    pub bug: Bug,
    /// One line: how it differs.
    pub about: &'static str,
}

/// What a [`Mutant`] gets wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bug {
    /// A condition for acting is dropped or weakened.
    Guard,
    /// Of two that are equal, the wrong one goes first, or each side thinks its own does.
    TieBreak,
    /// Something is not written, not forced, or forgotten on restart.
    Durability,
    /// What is out of date is believed: an old message, vote, stamp or view.
    Stale,
    /// Something that others wait for is never done.
    Liveness,
    /// More or other messages than the algorithm needs, with the right result.
    Cost,
}

/// What theory says of the messages per operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Theory {
    /// Every operation costs exactly this many.
    Exactly(f64),
    /// Operations cost this many on average.
    Mean(f64),
    /// Every operation costs between these.
    Between(f64, f64),
    /// There is no closed form.
    Unknown,
}

/// A property of the world that an algorithm may rely on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Assumption {
    /// Messages of one directed link do not overtake each other.
    Fifo,
    /// No message is lost or delivered twice.
    Reliable,
    /// No node crashes.
    NoCrash,
    /// Messages arrive within a known time.
    BoundedDelay,
    /// Nobody joins or leaves.
    ClosedMembership,
    /// Ids differ.
    UniqueIds,
    /// Clock rates are within a known bound of true time.
    BoundedDrift,
    /// The network does not split for ever.
    NoPartition,
    /// Durable state survives crashes.
    DurableStorage,
    /// Messages arrive unaltered.
    Uncorrupted,
    /// More than half of the nodes are up and can talk to each other.
    MajorityUp,
    /// A few nodes, known from the start, never leave.
    StableBase,
    /// The clocks that others follow show true time (but for as many as may be false).
    TrueSource,
    /// Nobody but the algorithm sets a node's clock.
    OwnClock,
}

/// What an algorithm assumes, by what it would lose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needs {
    /// Without these, something bad can happen.
    pub safety: &'static [Assumption],
    /// Without these, something good may never happen.
    pub liveness: &'static [Assumption],
}

/// An algorithm's parameters, as read from a scenario. Derive it, beside `Default` and
/// `Deserialize` (with `#[serde(default, deny_unknown_fields)]`).
pub trait Params: Value + DeserializeOwned + Default {
    /// The fields, in order; hidden ones (mutants) included.
    const FIELDS: &'static [Field];
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in scenario files.
    pub name: &'static str,
    /// What it means, from the doc comment.
    pub about: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The unit of a plain number, such as `ppb`; empty where the value carries its own.
    pub unit: &'static str,
    /// The default, as a scenario file would write it.
    pub default: fn() -> String,
    /// Whether `list` and `schema` leave it out.
    pub hidden: bool,
}

/// What values a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number in 0..=1.
    Probability,
    /// A text such as `"12ms"`.
    Duration,
    /// A node's name.
    Node,
    /// One of the listed words.
    Choice(&'static [&'static str]),
    /// Any of the above, or nothing.
    Optional(&'static Kind),
    /// A list.
    List(&'static Kind),
}

/// A type that a parameter can have. Derive it for enums of plain words.
pub trait Parameter {
    /// What values it takes.
    const KIND: Kind;
    /// The value as a scenario file would write it.
    fn show(&self) -> String;
}

macro_rules! integer_parameters {
    ($($int:ty),*) => {$(
        impl Parameter for $int {
            const KIND: Kind = Kind::Integer;
            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
integer_parameters!(u8, u16, u32, u64, i32, i64);

impl Parameter for bool {
    const KIND: Kind = Kind::Boolean;
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Parameter for Duration {
    const KIND: Kind = Kind::Duration;
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Parameter for Probability {
    const KIND: Kind = Kind::Probability;
    fn show(&self) -> String {
        format!("{:?}", self.value())
    }
}

impl Parameter for NodeId {
    const KIND: Kind = Kind::Node;
    fn show(&self) -> String {
        format!("the node at position {}", self.0)
    }
}

impl<T: Parameter> Parameter for Option<T> {
    const KIND: Kind = Kind::Optional(&T::KIND);
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "None".into(), Parameter::show)
    }
}

impl<T: Parameter> Parameter for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    fn show(&self) -> String {
        let items: Vec<_> = self.iter().map(Parameter::show).collect();
        format!("[{}]", items.join(", "))
    }
}

/// For algorithms without parameters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

impl Params for NoParams {
    const FIELDS: &'static [Field] = &[];
}
