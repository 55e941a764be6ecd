//! A diagram as SVG: one file without references to others, light or dark as the reader prefers.
//!
//! Colours are those of Okabe and Ito (2008), which readers with colour-blindness tell apart; kinds
//! beyond the number of colours are dashed. Classes say what is what, below `space-time`, so that a
//! page can hold the drawing and restyle it.

use std::fmt::Write;

use super::labels::tidy;
use super::layout::SIZE;
use super::legend::Sign;
use super::words::{escaped, shortened, time};
use super::{Arrow, Band, Bar, Diagram, End, Lane, Life, Role, Shape, Step};

/// How many colours kinds of messages have.
const KIND_COLORS: usize = 5;

/// How many colours sorts of bars have.
const SORT_COLORS: usize = 4;

/// The styles of light and dark pages.
const STYLE: &str = include_str!("style.css");

/// The whole file.
pub fn svg(diagram: &Diagram) -> String {
    let mut out = String::new();
    let Diagram { width, height, .. } = *diagram;
    // Writing to a string cannot fail; so it is with all that follows.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"space-time\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">\n\
         <style>{STYLE}</style>\n{HATCH}\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
        label = escaped(&format!("Space-time diagram of {}", diagram.title)),
    );
    heading(&mut out, diagram);
    group(&mut out, "bands", &diagram.bands, |out, band| draw_band(out, diagram, band));
    ticks(&mut out, diagram);
    group(&mut out, "lanes", &diagram.lanes, |out, lane| draw_lane(out, diagram, lane));
    group(&mut out, "bars", &diagram.bars, |out, bar| draw_bar(out, diagram, bar));
    group(&mut out, "arrows", &diagram.arrows, |out, arrow| draw_arrow(out, diagram, arrow));
    group(&mut out, "steps", &diagram.steps, |out, step| draw_step(out, diagram, step));
    breach(&mut out, diagram);
    group(&mut out, "labels", &diagram.labels, |out, label| {
        let [x, y, _, height] = label.place;
        let size = height - 2.0;
        let _ = writeln!(
            out,
            "<text class=\"{}{}\" x=\"{x}\" y=\"{}\">{}</text>",
            role(label.role),
            dim(label.lit),
            tidy(y + size * 0.88),
            escaped(&label.text),
        );
    });
    legend(&mut out, diagram);
    out += "</svg>\n";
    out
}

/// Stripes over what is down.
const HATCH: &str = "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" \
    patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <line class=\"stripe\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>\n";

fn group<T>(out: &mut String, class: &str, all: &[T], draw: impl Fn(&mut String, &T)) {
    if !all.is_empty() {
        let _ = writeln!(out, "<g class=\"{class}\">");
        all.iter().for_each(|one| draw(out, one));
        *out += "</g>\n";
    }
}

fn heading(out: &mut String, diagram: &Diagram) {
    let page = &diagram.page;
    let mut about = format!("{} to {}", time(page.from_ns), time(page.to_ns));
    if page.of > 1 {
        let _ = write!(about, ", page {} of {}", page.number, page.of);
    }
    if diagram.by_order {
        about += ", events at equal distances";
    }
    if let Some(check) = diagram.faint_beside() {
        let _ = write!(about, ", faint: did not lead to the breach of {check}");
    }
    let room = ((diagram.width - 24.0) / 7.2) as usize;
    let title = shortened(&diagram.title, room.saturating_sub(about.chars().count()).max(20));
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"12\" y=\"19\">{}<tspan class=\"about\" dx=\"12\">{}</tspan></text>",
        escaped(&title),
        escaped(&about),
    );
}

fn draw_band(out: &mut String, diagram: &Diagram, band: &Band) {
    let [_, top, _, bottom] = diagram.plot;
    let [from, to] = band.x;
    let title = escaped(&band.label);
    let (width, height) = (tidy(to - from), bottom - top);
    *out += "<g>";
    let _ = write!(out, "<title>{title}</title>");
    if width > 0.0 {
        let _ = write!(
            out,
            "<rect class=\"band\" x=\"{from}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>"
        );
    }
    for (lane, group) in &band.groups {
        let y = diagram.lanes[*lane].y - 17.0;
        let width = width.max(3.0);
        let _ = write!(
            out,
            "<rect class=\"side g{}\" x=\"{from}\" y=\"{y}\" width=\"{width}\" height=\"34\"/>",
            group % 4
        );
    }
    for x in [from, to] {
        let _ = write!(out, "<path class=\"band-edge\" d=\"M{x} {top}V{bottom}\"/>");
    }
    *out += "</g>\n";
}

fn ticks(out: &mut String, diagram: &Diagram) {
    let [left, top, right, bottom] = diagram.plot;
    *out += "<g class=\"axis\">\n";
    let _ = writeln!(out, "<path class=\"rule\" d=\"M{left} {bottom}H{right}\"/>");
    for tick in &diagram.ticks {
        let x = tidy(tick.x);
        let _ = writeln!(
            out,
            "<path class=\"tick\" d=\"M{x} {top}V{}\"/><text x=\"{x}\" y=\"{}\">{}</text>",
            bottom + 4.0,
            bottom + 16.0,
            escaped(&tick.text)
        );
    }
    *out += "</g>\n";
}

fn draw_lane(out: &mut String, diagram: &Diagram, lane: &Lane) {
    let (left, y) = (diagram.plot[0], lane.y);
    let name = shortened(&lane.name, 24);
    let _ = writeln!(
        out,
        "<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
        left - 10.0,
        y + 4.5,
        escaped(&name)
    );
    for span in &lane.spans {
        let [from, to] = span.x;
        let width = tidy(to - from);
        let _ = match span.life {
            Life::Up => writeln!(out, "<path class=\"lane\" d=\"M{from} {y}H{to}\"/>"),
            Life::Paused => writeln!(
                out,
                "<g><title>{} is paused</title><rect class=\"paused\" x=\"{from}\" y=\"{}\" \
                 width=\"{width}\" height=\"10\"/></g>",
                escaped(&lane.name),
                y - 5.0
            ),
            Life::Down => writeln!(
                out,
                "<g><title>{} is down</title><rect class=\"down\" x=\"{from}\" y=\"{}\" \
                 width=\"{width}\" height=\"14\"/></g>",
                escaped(&lane.name),
                y - 7.0
            ),
        };
    }
}

fn draw_bar(out: &mut String, diagram: &Diagram, bar: &Bar) {
    let ([from, to], height) = (bar.x, if bar.waiting { 4.0 } else { 9.0 });
    let y = diagram.lanes[bar.lane].y + bar.level as f64 * 9.0 - height / 2.0;
    let _ = writeln!(
        out,
        "<rect class=\"bar s{}{}\" x=\"{from}\" y=\"{y}\" width=\"{}\" height=\"{height}\">\
         <title>{}: {}</title></rect>",
        bar.sort % SORT_COLORS,
        if bar.waiting { " waiting" } else { "" },
        tidy(to - from),
        escaped(&diagram.lanes[bar.lane].name),
        escaped(&bar.label)
    );
}

fn draw_arrow(out: &mut String, diagram: &Diagram, arrow: &Arrow) {
    let ([x0, y0], [x1, y1]) = (arrow.tail, arrow.head);
    let _ = write!(
        out,
        "<g class=\"arrow {}{}{}{}\"><title>{}</title>",
        kind(arrow.kind),
        if arrow.transport { " transport" } else { "" },
        if arrow.copy { " copy" } else { "" },
        dim(arrow.lit),
        escaped(&title_of_arrow(diagram, arrow))
    );
    let across = y0 == y1;
    let length = (x1 - x0).hypot(y1 - y0).max(0.1);
    // A message to oneself leaves the line and comes back to it.
    let (dx, dy) = if across { (0.6, 0.8) } else { ((x1 - x0) / length, (y1 - y0) / length) };
    // The head's tip touches the dot, not its middle.
    let tip = if arrow.end == End::Delivered { 3.0 } else { 0.0 };
    let (tx, ty) = (x1 - dx * tip, y1 - dy * tip);
    let t = tidy;
    let _ = if across {
        write!(
            out,
            "<path d=\"M{x0} {y0}Q{} {} {} {}\"/>",
            t((x0 + x1) / 2.0),
            y0 - 26.0,
            t(tx),
            t(ty)
        )
    } else {
        write!(out, "<path d=\"M{x0} {y0}L{} {}\"/>", t(tx - dx * 5.0), t(ty - dy * 5.0))
    };
    match arrow.end {
        End::Delivered | End::After => {
            let (bx, by) = (tx - dx * 8.0, ty - dy * 8.0);
            let _ = write!(
                out,
                "<path class=\"{}\" d=\"M{} {}L{} {}L{} {}{}\"/>",
                if arrow.end == End::After { "open" } else { "head" },
                t(bx - dy * 3.2),
                t(by + dx * 3.2),
                t(tx),
                t(ty),
                t(bx + dy * 3.2),
                t(by - dx * 3.2),
                if arrow.end == End::After { "" } else { "Z" }
            );
        }
        End::Lost | End::Corrupted | End::Overflowed | End::Cut | End::ToDead => {
            let (l, r, u, d) = (t(x1 - 4.0), t(x1 + 4.0), t(y1 - 4.0), t(y1 + 4.0));
            let _ = write!(out, "<path class=\"cross\" d=\"M{l} {u}L{r} {d}M{l} {d}L{r} {u}\"/>");
        }
    }
    if arrow.from_before {
        let _ = write!(out, "<circle class=\"before\" cx=\"{x0}\" cy=\"{y0}\" r=\"2.5\"/>");
    }
    *out += "</g>\n";
}

fn title_of_arrow(diagram: &Diagram, arrow: &Arrow) -> String {
    let name = |lane: usize| diagram.lanes[lane].name.as_str();
    let at = |step: Option<usize>| step.map(|step| time(diagram.steps[step].at_ns));
    let mut title = format!("{} → {}: {}", name(arrow.from), name(arrow.to), arrow.content);
    if let Some(at) = at(arrow.sent) {
        let _ = write!(title, "\nsent at {at}");
    }
    let fate = match arrow.end {
        End::Delivered => "arrives",
        End::After => "still on its way",
        End::Lost => "is lost",
        End::Corrupted => "is corrupted",
        End::Overflowed => "is dropped by a full queue",
        End::Cut => "is cut off",
        End::ToDead => "finds its destination down",
    };
    let _ = write!(title, "\n{}{fate}", if arrow.copy { "a copy, " } else { "" });
    if let Some(at) = at(arrow.ended) {
        let _ = write!(title, " at {at}");
    }
    title
}

fn draw_step(out: &mut String, diagram: &Diagram, step: &Step) {
    let Some(lane) = step.lane else { return };
    let (x, y) = (step.x, diagram.lanes[lane].y);
    let t = tidy;
    let mut title = format!("{} at {}", step.what, time(step.at_ns));
    for line in &step.then {
        title += "\n";
        title += line;
    }
    let _ = write!(out, "<g class=\"step{}\"><title>{}</title>", dim(step.lit), escaped(&title));
    let (l, r) = (t(x - 5.0), t(x + 5.0));
    let _ = match step.shape {
        Shape::Crash => write!(
            out,
            "<path class=\"crash\" d=\"M{l} {}L{r} {}M{l} {}L{r} {}\"/>",
            y - 5.0,
            y + 5.0,
            y + 5.0,
            y - 5.0
        ),
        Shape::Boot => write!(out, "<circle class=\"ring\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>"),
        Shape::Timer => write!(
            out,
            "<path class=\"timer\" d=\"M{x} {}L{} {y}L{x} {}L{} {y}Z\"/>",
            y - 4.0,
            t(x + 4.0),
            y + 4.0,
            t(x - 4.0)
        ),
        Shape::Request => write!(
            out,
            "<path class=\"asked\" d=\"M{x} {}L{} {}H{}Z\"/>",
            y - 1.0,
            t(x - 4.0),
            y - 8.0,
            t(x + 4.0)
        ),
        Shape::Event => write!(
            out,
            "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"2.6\"/>\
             <path class=\"told\" d=\"M{x} {}L{} {}H{}Z\"/>",
            y + 9.0,
            t(x - 4.0),
            y + 3.0,
            t(x + 4.0)
        ),
        Shape::Pause => write!(out, "<path class=\"pause\" d=\"M{x} {}V{}\"/>", y - 7.0, y + 7.0),
        Shape::Dot | Shape::Loss | Shape::Fault => {
            write!(out, "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"2.6\"/>")
        }
    };
    *out += "</g>\n";
}

fn breach(out: &mut String, diagram: &Diagram) {
    let Some(breach) = &diagram.breach else { return };
    let [_, top, _, bottom] = diagram.plot;
    let x = tidy(breach.x);
    let _ = write!(
        out,
        "<g class=\"breach\"><title>{}: {}</title><path d=\"M{x} {top}V{bottom}\"/>",
        escaped(&breach.check),
        escaped(&breach.detail)
    );
    if let Some(lane) = breach.lane {
        let y = diagram.lanes[lane].y;
        let _ = write!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"8\"/>");
    }
    *out += "</g>\n";
}

/// What colours and signs mean; under it why the check failed.
fn legend(out: &mut String, diagram: &Diagram) {
    group(out, "legend", &diagram.legend, |out, item| {
        let [x, y] = item.at;
        let t = tidy;
        let _ = match item.sign {
            Sign::Kind(place) => {
                let (tip, back) = (t(x + 26.0), t(x + 18.0));
                write!(
                    out,
                    "<g class=\"arrow {}\"><path d=\"M{x} {y}H{tip}\"/><path class=\"head\" \
                     d=\"M{back} {}L{tip} {y}L{back} {}Z\"/></g>",
                    kind(place),
                    y - 3.2,
                    y + 3.2
                )
            }
            Sign::Sort { sort, waiting } => {
                let (class, height) = if waiting { (" waiting", 4.0) } else { ("", 9.0) };
                write!(
                    out,
                    "<rect class=\"bar s{}{class}\" x=\"{x}\" y=\"{}\" width=\"26\" \
                     height=\"{height}\"/>",
                    sort % SORT_COLORS,
                    y - height / 2.0
                )
            }
            Sign::Lost => {
                let (l, r, u, d) = (t(x + 9.0), t(x + 17.0), y - 4.0, y + 4.0);
                let cross = format!("M{l} {u}L{r} {d}M{l} {d}L{r} {u}");
                write!(out, "<g class=\"arrow\"><path class=\"cross\" d=\"{cross}\"/></g>")
            }
            Sign::Copy => {
                let to = t(x + 26.0);
                write!(out, "<g class=\"arrow copy\"><path d=\"M{x} {y}H{to}\"/></g>")
            }
        };
        let (x, y) = (t(x + super::legend::TEXT_AT), y + 4.0);
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(&item.text));
    });
    if let Some(breach) = &diagram.breach {
        let left = diagram.plot[0];
        let room = ((diagram.width - left) / (SIZE * 0.56)) as usize;
        let _ = writeln!(
            out,
            "<text class=\"reason\" x=\"{left}\" y=\"{}\">{}</text>",
            diagram.height - 12.0,
            escaped(&shortened(&format!("✗ {}: {}", breach.check, breach.detail), room))
        );
    }
}

fn kind(place: usize) -> String {
    let dash = ["", " d1", " d2", " d3"][place / KIND_COLORS % 4];
    format!("k{}{dash}", place % KIND_COLORS)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Breach => "breach-label",
        Role::Band => "band-label",
        Role::Bar => "bar-label",
        Role::Step => "step-label",
        Role::Stamp => "stamp",
        Role::Arrow => "kind",
    }
}

fn dim(lit: bool) -> &'static str {
    if lit { "" } else { " dim" }
}
