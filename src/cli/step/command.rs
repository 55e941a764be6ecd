//! What may be typed while stepping, and what it means in a session.

use std::path::PathBuf;

use seedbed_core::WaitingFor;
use seedbed_node::NodeId;
use seedbed_scenarios::session::{Condition, Deed, Session, node_called};

/// `help`.
pub const HELP: &str = "\
Going:     step [N]        N events on (an empty line: one)
           back [N]        N events back, or N deeds
           go N            to where N events have happened
           until time T | node NAME | says TEXT | state NAME TEXT | end
Looking:   nodes           all nodes, a line each
           node NAME       everything about one
           waiting         what waits, numbered
           said            what occurred in the latest step
           checks          how the checks would end from here
By hand:   do N            what waits under N happens now
           lose N, copy N  the message under N is lost, or doubled
           crash NAME, boot NAME
Keeping:   save [FILE]     as a scenario with a schedule
           quit
";

/// Something to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    Step(u64),
    Back(u64),
    Go(u64),
    Until(Condition),
    Act(Deed),
    Nodes,
    Node(NodeId),
    Waiting,
    Said,
    Checks,
    Save(Option<PathBuf>),
    Help,
    Quit,
}

/// Reads a command.
pub fn parse(line: &str, session: &Session) -> Result<Command, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let count = || match rest {
        "" => Ok(1),
        number => number.parse().map_err(|_| format!("`{number}` is no number of events")),
    };
    let alone = |command: Command| match rest {
        "" => Ok(command),
        _ => Err(format!("`{word}` stands alone, without `{rest}`")),
    };
    let node = || node_called(rest, session).map_err(|why| why.to_string());
    let waiting = || waiting_under(rest, session);
    match word {
        "" | "s" | "step" => count().map(Command::Step),
        "b" | "back" => count().map(Command::Back),
        "g" | "go" => {
            rest.parse().map(Command::Go).map_err(|_| format!("`go {rest}`: expected a number"))
        }
        "u" | "until" => {
            Condition::parse(rest, session).map(Command::Until).map_err(|why| why.to_string())
        }
        "nodes" => alone(Command::Nodes),
        "n" | "node" => node().map(Command::Node),
        "w" | "waiting" => alone(Command::Waiting),
        "said" => alone(Command::Said),
        "checks" => alone(Command::Checks),
        "do" => waiting().map(|what| Command::Act(Deed::Happen(what))),
        "lose" => waiting().map(|what| Command::Act(Deed::Lose(what))),
        "copy" => waiting().map(|what| Command::Act(Deed::Duplicate(what))),
        "crash" => node().map(|node| Command::Act(Deed::Crash(node))),
        "boot" => node().map(|node| Command::Act(Deed::Boot(node))),
        "save" if rest.is_empty() => Ok(Command::Save(None)),
        "save" => Ok(Command::Save(Some(PathBuf::from(rest)))),
        "h" | "help" | "?" => alone(Command::Help),
        "q" | "quit" | "exit" => alone(Command::Quit),
        other => Err(format!("`{other}` is no command: `help` lists them")),
    }
}

/// What waits under a number as it was listed.
fn waiting_under(number: &str, session: &Session) -> Result<WaitingFor, String> {
    let waiting = &session.view().waiting;
    let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let found = place.and_then(|place| waiting.get(place));
    found.map(|waiting| waiting.what.clone()).ok_or_else(|| match waiting.len() {
        0 => "nothing waits".to_owned(),
        most => format!("`{number}` is none of what waits: expected 1 to {most}"),
    })
}
