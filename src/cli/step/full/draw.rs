//! What the screen of `step` looks like.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, List, ListItem, Paragraph, Wrap};
use seedbed_core::NodeView;
use seedbed_reports::session as text;

use super::{Full, Pane};

/// The keys, for `?`.
const KEYS: &str = "\
→ space  one event on         ← one event back, or undo a deed
PgDn     ten on               PgUp ten back
Home     the beginning        End  the end
/        until something says …
:        a command (help lists them)
Tab      nodes or waiting     ↑ ↓  choose
Enter    what is chosen happens now
x        the chosen message is lost
c        the chosen message is doubled
K, B     the chosen node crashes, boots
v        verdicts             w    write a scenario
q        quit";

/// Draws everything.
pub fn draw(full: &mut Full<'_>, frame: &mut Frame<'_>) {
    let [title, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(6), Constraint::Length(1)])
            .areas(frame.area());
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(40), Constraint::Percentage(60)]).areas(body);
    let members = full.debugger.session.view().nodes.len() as u16;
    let rows = (members + 2).clamp(3, (left.height / 2).max(3));
    let [nodes, state] =
        Layout::vertical([Constraint::Length(rows), Constraint::Min(3)]).areas(left);
    let [said, waiting] =
        Layout::vertical([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(right);
    draw_title(full, frame, title);
    draw_nodes(full, frame, nodes);
    draw_state(full, frame, state);
    draw_said(full, frame, said);
    draw_waiting(full, frame, waiting);
    draw_foot(full, frame, foot);
    draw_over(full, frame, body);
}

fn draw_title(full: &Full<'_>, frame: &mut Frame<'_>, area: Rect) {
    let session = &full.debugger.session;
    let position = text::position(session, full.debugger.screen.style);
    let title =
        format!(" {} seed {} · {position} ", full.debugger.loaded.plan.name, session.seed());
    frame.render_widget(Paragraph::new(title).style(Style::new().reversed()), area);
}

fn pane(title: &str, focused: bool) -> Block<'_> {
    let block = Block::bordered().title(title);
    if focused { block.border_style(Style::new().cyan().bold()) } else { block }
}

fn draw_nodes(full: &mut Full<'_>, frame: &mut Frame<'_>, area: Rect) {
    let session = &full.debugger.session;
    let item = |(node, before): (&NodeView, Option<&NodeView>)| {
        let name = session.names().of(node.node);
        let how = match (node.up, node.paused) {
            (false, _) => " down",
            (true, true) => " paused",
            (true, false) => "",
        };
        let acted = before.is_some_and(|before| before.state != node.state);
        let mark = if acted { "● " } else { "  " };
        let line = Line::from(format!("{mark}{name}{how}  {}", node.wall));
        ListItem::new(if node.up { line } else { line.dim() })
    };
    let view = session.view();
    let before = full.before.iter().map(Some).chain(std::iter::repeat(None));
    let items: Vec<_> = view.nodes.iter().zip(before).map(item).collect();
    let list = List::new(items)
        .block(pane(" Nodes (● changed) ", full.pane == Pane::Nodes))
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    frame.render_stateful_widget(list, area, &mut full.nodes);
}

/// The chosen node's state, with lines that were not there before the latest step marked.
fn draw_state(full: &Full<'_>, frame: &mut Frame<'_>, area: Rect) {
    let session = &full.debugger.session;
    let place = full.nodes.selected().unwrap_or(0);
    let Some(node) = session.view().nodes.get(place) else { return };
    let title = format!(" {} ", session.names().of(node.node));
    let before = full.before.get(place).and_then(|node| node.state.as_deref()).unwrap_or_default();
    let known: Vec<&str> = before.lines().collect();
    let mut lines: Vec<Line<'_>> = Vec::new();
    for line in node.state.as_deref().unwrap_or("(down)").lines() {
        let span = Span::raw(line);
        lines.push(if known.contains(&line) { span.into() } else { span.yellow().bold().into() });
    }
    if node.durable != "()" {
        lines.push(Line::from("on disk:").dim());
        lines.extend(node.durable.lines().map(Line::from));
    }
    lines.extend(
        node.unforced.iter().map(|record| Line::from(format!("not on disk: {record}")).dim()),
    );
    frame.render_widget(Paragraph::new(lines).block(pane(&title, false)), area);
}

fn draw_said(full: &Full<'_>, frame: &mut Frame<'_>, area: Rect) {
    let latest = full.debugger.session.said().len();
    let rows = usize::from(area.height.saturating_sub(2));
    let first = full.log.len().saturating_sub(rows);
    let news = full.log.len().saturating_sub(latest);
    let line = |(at, line): (usize, &String)| {
        let line = Line::from(line.clone());
        if at >= news { line.bold() } else { line.dim() }
    };
    let lines: Vec<_> = full.log.iter().enumerate().skip(first).map(line).collect();
    frame.render_widget(Paragraph::new(lines).block(pane(" What occurred ", false)), area);
}

fn draw_waiting(full: &mut Full<'_>, frame: &mut Frame<'_>, area: Rect) {
    let session = &full.debugger.session;
    let view = session.view();
    let item = |waiting: &seedbed_core::Waiting| {
        let due = waiting.due.map_or_else(String::new, |due| format!("{due}  "));
        ListItem::new(format!("{due}{}", text::describe(&waiting.what, session.names())))
    };
    let items: Vec<_> = view.waiting.iter().map(item).collect();
    let title = format!(" Waiting: {} ", view.waiting.len() as u64 + view.more_waiting);
    let list = List::new(items)
        .block(pane(&title, full.pane == Pane::Waiting))
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    frame.render_stateful_widget(list, area, &mut full.waiting);
}

fn draw_foot(full: &Full<'_>, frame: &mut Frame<'_>, area: Rect) {
    let line = match (&full.prompt, full.message.lines().next()) {
        (Some(typed), _) => Line::from(format!(":{typed}▏")),
        (None, Some(message)) => Line::from(message.to_owned()).yellow(),
        (None, None) => {
            Line::from(" → on  ← back  Enter do  x lose  K crash  / until  w save  ? keys  q quit")
                .dim()
        }
    };
    frame.render_widget(Paragraph::new(line), area);
}

/// What is shown on top: the keys, or an answer of several lines.
fn draw_over(full: &Full<'_>, frame: &mut Frame<'_>, body: Rect) {
    let long = full.message.lines().count() > 1;
    let (title, shown) = match (full.help, long) {
        (true, _) => (" Keys ", KEYS),
        (false, true) => (" ", full.message.as_str()),
        (false, false) => return,
    };
    let rows = (shown.lines().count() as u16 + 2).min(body.height);
    let columns = body.width.saturating_sub(4).min(84);
    let area = Rect {
        x: body.x + (body.width - columns) / 2,
        y: body.y + (body.height - rows) / 2,
        width: columns,
        height: rows,
    };
    frame.render_widget(Clear, area);
    let over = Paragraph::new(shown).wrap(Wrap { trim: false }).block(pane(title, true));
    frame.render_widget(over, area);
}
