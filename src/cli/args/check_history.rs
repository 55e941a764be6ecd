//! What may be typed behind `check-history`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use seedbed_core::check::Consistency;
use seedbed_node::Duration;
use seedbed_scenarios::Model;

/// Shown by `check-history --help`.
pub const CHECK_HISTORY_HELP: &str = "Examples:\n  \
    seedbed check-history etcd.log --model cas-register\n  \
    seedbed check-history history.jsonl --model kv --consistency sequential\n  \
    seedbed check-history *.log --model register --for 10s --json\n\n\
    A history is a file of JSON lines, as `run --out` writes them,\n  \
    {\"process\": \"ada\", \"type\": \"invoke\", \"f\": \"write\", \"key\": 7, \"value\": 3}\n\
    (type: invoke, ok, fail, info; f: read, write, cas, acquire, release), or a log of Jepsen:\n  \
    INFO  jepsen.util - 0  :invoke  :cas  [0 4]\n\
    A call that never returned may have taken effect at any later time, or never.";

/// `check-history`.
#[derive(Debug, Args)]
pub struct CheckHistory {
    /// Files with histories
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The kind of object that was called
    #[arg(long, value_parser = model())]
    pub model: Model,
    /// What the object promises
    #[arg(long, value_name = "WHAT", default_value = "linearizable", value_parser = consistency())]
    pub consistency: Consistency,
    /// Give up on a file, without a verdict, after this long
    #[arg(long = "for", value_name = "TIME", default_value = "60s")]
    pub patience: Duration,
    /// Give up, without a verdict, after so many configurations of about a hundred bytes each
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub limit: u64,
}

fn model() -> impl TypedValueParser<Value = Model> {
    PossibleValuesParser::new(Model::ALL.map(Model::name)).map(|name| {
        Model::ALL.into_iter().find(|model| model.name() == name).expect("one of the names")
    })
}

/// The names of consistencies on the command line.
pub const CONSISTENCIES: [(&str, Consistency); 6] = [
    ("linearizable", Consistency::Linearizable),
    ("sequential", Consistency::Sequential),
    ("causal", Consistency::Causal),
    ("eventual", Consistency::Eventual),
    ("monotonic-reads", Consistency::MonotonicReads),
    ("read-your-writes", Consistency::ReadYourWrites),
];

fn consistency() -> impl TypedValueParser<Value = Consistency> {
    PossibleValuesParser::new(CONSISTENCIES.map(|(name, _)| name)).map(|name| {
        let (_, consistency) = CONSISTENCIES.into_iter().find(|(n, _)| *n == name).expect("known");
        consistency
    })
}
