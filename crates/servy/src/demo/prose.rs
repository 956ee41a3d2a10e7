//! Readable text of any length about a few things.

use super::random::Random;

/// `{x}` and `{y}` are two different things, `{X}` is `{x}` at the start of a sentence, `{n}` a
/// number, `{t}` a span of time, `{p}` a place.
const SENTENCES: &[&str] = &[
    "I used to think that {x} was the hard part; it turned out to be {y}.",
    "After {t} of watching {x}, the pattern was plain.",
    "{X} does not care how clever you are.",
    "Most of what I know about {x} I learned by breaking {y} first.",
    "There is a version of this story in which {x} behaves, and it is a short one.",
    "So I wrote the number down, went for a walk along {p}, and looked at {x} again.",
    "The change was {n} lines long and took {t}.",
    "If you take one thing from this, let it be that {x} is cheaper than {y}.",
    "Nobody at {p} had an opinion about {x}, which was restful.",
    "It helps to draw {x} on paper before you touch {y}.",
    "{X} and {y} look alike from a distance and have little in common.",
    "The first attempt was wrong in an instructive way: {x} came before {y}.",
    "Read it slowly, and {x} explains itself.",
    "In the end the only thing left to blame was {x}, and so it was {x}.",
    "I tried it {n} times, and each time the answer was {x}.",
    "Somebody asked why {x} mattered at all, and I had to think about that for {t}.",
    "It is tempting to improve {x}; wait until {y} has been understood.",
    "When the rain stopped I went back to {x}.",
    "None of this is new, but it was new to me.",
    "You see it best early in the day, when {x} is quiet.",
    "The trick, if it is one, is to leave {x} alone until {y} asks for it.",
    "What surprised me was how little {x} changed over {t}.",
    "There were {n} reasons to replace {x} and one to keep it, and the one won.",
    "Somebody had left a card beside {x}: please do not touch {y}.",
    "Compare that with {x}, which has looked the same since I moved to {p}.",
    "{X} was fine. {Y} was fine, too. Together they were not.",
    "I keep a list of such days, and {x} is on it {n} times.",
    "A friend from {p} does it the other way round and swears by {y}.",
    "That is a long way of saying that {x} deserves a second look.",
    "Give it {t}, and {x} and {y} settle down by themselves.",
];

const NUMBERS: &[&str] =
    &["two", "three", "four", "five", "seven", "nine", "eleven", "twelve", "forty"];

const TIMES: &[&str] = &[
    "an hour",
    "two evenings",
    "a weekend",
    "ten minutes",
    "a winter",
    "three weeks",
    "one long night",
];

const PLACES: &[&str] = &[
    "the north pier",
    "the old boathouse",
    "the ferry landing",
    "the market square",
    "the lighthouse road",
    "the reading room",
];

const HEADINGS: &[&str] = &[
    "Where it began",
    "The obvious idea",
    "A closer look at {x}",
    "What went wrong",
    "Enter {x}",
    "The part with {x}",
    "Numbers, finally",
    "A detour by way of {x}",
    "Living with {x}",
    "What I would change",
    "In short",
];

/// Writes about some things.
pub(super) struct Writer<'a> {
    random: Random,
    things: &'a [&'a str],
}

impl<'a> Writer<'a> {
    /// The same name and things give the same text.
    pub(super) fn new(name: &str, things: &'a [&'a str]) -> Writer<'a> {
        Writer { random: Random::named(name), things }
    }

    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        self.random.between(low, high)
    }

    pub(super) fn heading(&mut self) -> String {
        let heading = self.random.pick(HEADINGS);
        self.fill(heading)
    }

    pub(super) fn sentence(&mut self) -> String {
        let sentence = self.random.pick(SENTENCES);
        self.fill(sentence)
    }

    /// That many sentences, no two alike in a row.
    pub(super) fn paragraph(&mut self, sentences: usize) -> String {
        let mut text = String::new();
        let mut last = "";
        for _ in 0..sentences {
            let mut next = self.random.pick(SENTENCES);
            while next == last {
                next = self.random.pick(SENTENCES);
            }
            last = next;
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.fill(next));
        }
        text
    }

    fn fill(&mut self, template: &str) -> String {
        let first = self.random.between(0, self.things.len() - 1);
        let step = self.random.between(1, self.things.len() - 1);
        let x = self.things[first];
        let y = self.things[(first + step) % self.things.len()];
        template
            .replace("{x}", x)
            .replace("{y}", y)
            .replace("{X}", &capitalized(x))
            .replace("{Y}", &capitalized(y))
            .replace("{n}", self.random.pick(NUMBERS))
            .replace("{t}", self.random.pick(TIMES))
            .replace("{p}", self.random.pick(PLACES))
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
