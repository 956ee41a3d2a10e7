//! The table for a terminal.

use super::{Comparison, ConditionResult, Verdict, words};
use crate::summary::{Paint, format};

/// How the text looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextOptions {
    /// Whether to use colours.
    pub color: bool,
    /// Columns of the terminal. A table that is wider is cut into several, each with the base.
    /// `None` for a text that may be as wide as it must.
    pub width: Option<usize>,
}

/// What stands between two columns.
const GAP: &str = "  ";
/// The shortest run of dots behind a name.
const DOTS: usize = 3;

pub(super) fn text(comparison: &Comparison, options: &TextOptions) -> String {
    let paint = Paint(options.color);
    let names = names(comparison);
    let groups: Vec<Group> = (0..comparison.columns.len())
        .map(|at| if at == 0 { base(comparison) } else { other(comparison, at) })
        .collect();
    let (base, others) = groups.split_at(1);
    let fixed = names.width + base[0].width();
    let mut lines = Vec::new();
    let mut rest = others;
    while !rest.is_empty() {
        let count = fitting(rest, options.width.map(|width| width.saturating_sub(fixed)));
        let (shown, hidden) = rest.split_at(count);
        for line in 0..names.words.len() {
            let mut text = names.padded(line, paint);
            base.iter().chain(shown).for_each(|group| group.write(&mut text, line, paint));
            lines.push(text.trim_end().to_owned());
        }
        lines.push(String::new());
        rest = hidden;
    }
    lines.extend(comparison.conditions.iter().map(|result| condition(result, paint)));
    if !comparison.conditions.is_empty() {
        lines.push(String::new());
    }
    lines.extend(comparison.notes.iter().map(|note| format!("note: {}", printable(note))));
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// How many groups fit, one at least.
fn fitting(groups: &[Group], room: Option<usize>) -> usize {
    let Some(room) = room else { return groups.len() };
    let mut used = 0;
    let fitting = groups.iter().take_while(|group| {
        used += group.width();
        used <= room
    });
    fitting.count().max(1)
}

/// One column of words, the head being the first and what the column says together the last.
struct Words {
    words: Vec<(String, Option<Verdict>)>,
    width: usize,
    to_the_right: bool,
}

/// What belongs to one subject.
struct Group(Vec<Words>);

impl Words {
    fn new(words: impl IntoIterator<Item = (String, Option<Verdict>)>, to_the_right: bool) -> Self {
        let words: Vec<_> =
            words.into_iter().map(|(word, verdict)| (printable(&word), verdict)).collect();
        let width = words.iter().map(|(word, _)| format::width(word)).max().unwrap_or_default();
        Self { words, width, to_the_right }
    }

    fn padded(&self, line: usize, paint: Paint) -> String {
        let (word, verdict) = &self.words[line];
        let padding = " ".repeat(self.width - format::width(word));
        let word = match verdict {
            Some(verdict) if verdict.is_good() => paint.apply(Paint::GREEN, word),
            Some(verdict) if verdict.is_bad() => paint.apply(Paint::RED, word),
            _ if line == 0 => paint.apply(Paint::BOLD, word),
            _ => word.clone(),
        };
        if self.to_the_right { padding + &word } else { word + &padding }
    }
}

impl Group {
    fn width(&self) -> usize {
        self.0.iter().map(|words| GAP.len() + words.width).sum()
    }

    fn write(&self, text: &mut String, line: usize, paint: Paint) {
        for words in &self.0 {
            text.push_str(GAP);
            text.push_str(&words.padded(line, paint));
        }
    }
}

fn names(comparison: &Comparison) -> Words {
    let names = comparison.rows.iter().map(|row| row.measure.to_string());
    let names: Vec<String> = names.chain(["verdict".into()]).collect();
    let longest = names.iter().map(|name| format::width(name)).max().unwrap_or_default();
    let dotted = names
        .iter()
        .map(|name| format!("{name}{}:", ".".repeat(longest + DOTS - format::width(name))));
    Words::new(std::iter::once(String::new()).chain(dotted).map(|name| (name, None)), false)
}

fn base(comparison: &Comparison) -> Group {
    Group(vec![values(comparison, 0)])
}

fn other(comparison: &Comparison, at: usize) -> Group {
    let column = &comparison.columns[at];
    let rows = || comparison.rows.iter();
    let ratios = rows().map(|row| row.ratio(at));
    let ratios = ["ratio".into()].into_iter().chain(ratios).chain([String::new()]);
    let verdicts = rows().map(|row| row.verdict(at)).chain([column.verdict]);
    let verdicts = verdicts.map(|verdict| (words::verdict(verdict).to_owned(), verdict));
    Group(vec![
        values(comparison, at),
        Words::new(ratios.map(|ratio| (ratio, None)), false),
        Words::new([("verdict".into(), None)].into_iter().chain(verdicts), false),
    ])
}

fn values(comparison: &Comparison, at: usize) -> Words {
    let head = words::head(&comparison.columns[at]);
    let values = comparison.rows.iter().map(|row| row.value(at));
    let words = [head].into_iter().chain(values).chain([String::new()]);
    Words::new(words.map(|word| (word, None)), true)
}

fn condition(result: &ConditionResult, paint: Paint) -> String {
    let (color, mark) = if result.holds { (Paint::RED, "✗") } else { (Paint::GREEN, "✓") };
    paint.apply(color, &format!("{mark} {}", printable(&result.to_string())))
}

/// Names come from files, and must neither break lines nor command the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
