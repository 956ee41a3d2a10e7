//! What the demo blog is about: its subjects and its posts, newest first.

/// A subject, and the things that its posts speak of.
pub(super) struct Tag {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) things: [&'static str; 8],
}

/// A post. Its address, date and text follow from its title and place in [`POSTS`].
pub(super) struct Post {
    pub(super) title: &'static str,
    tag: usize,
}

impl Post {
    pub(super) fn tag(&self) -> &'static Tag {
        &TAGS[self.tag]
    }

    /// The title as it stands in an address.
    pub(super) fn slug(&self) -> String {
        let words = self.title.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter(|w| !w.is_empty()).map(str::to_lowercase).collect::<Vec<_>>().join("-")
    }

    pub(super) fn path(&self) -> String {
        format!("/posts/{}/", self.slug())
    }

    pub(super) fn picture(&self) -> String {
        format!("/images/{}.png", self.slug())
    }
}

/// The date of the post at that place: two a month, the first in January 2024.
pub(super) fn date(index: usize) -> String {
    let halves = POSTS.len() - 1 - index;
    let (month, day) = (halves / 2, if halves.is_multiple_of(2) { 9 } else { 23 });
    format!("{}-{:02}-{day:02}", 2024 + month / 12, month % 12 + 1)
}

pub(super) const TAGS: [Tag; 8] = [
    Tag {
        name: "servers",
        about: "programs that wait for somebody to call",
        things: [
            "the listener",
            "the event loop",
            "the access log",
            "the worker",
            "the queue",
            "the page cache",
            "the config file",
            "the restart script",
        ],
    },
    Tag {
        name: "networks",
        about: "what happens between two machines",
        things: [
            "the handshake",
            "the last packet",
            "the resolver",
            "the proxy",
            "the socket buffer",
            "the timeout",
            "the round trip",
            "the retry",
        ],
    },
    Tag {
        name: "rust",
        about: "a language that asks first",
        things: [
            "the borrow checker",
            "the trait bound",
            "the lifetime",
            "the iterator",
            "the enum",
            "the compiler",
            "the error type",
            "the doc test",
        ],
    },
    Tag {
        name: "tools",
        about: "small programs that earn their keep",
        things: [
            "the shell history",
            "the profiler",
            "the makefile",
            "the editor",
            "the regular expression",
            "the debugger",
            "the diff",
            "the cron job",
        ],
    },
    Tag {
        name: "sailing",
        about: "slow boats and the water under them",
        things: [
            "the mainsail",
            "the tide",
            "the anchor chain",
            "the chart",
            "the tiller",
            "the barometer",
            "the harbour wall",
            "the wind",
        ],
    },
    Tag {
        name: "photography",
        about: "looking, and then looking again",
        things: [
            "the shutter",
            "the light",
            "the tripod",
            "the horizon",
            "the fog",
            "the shadow",
            "the contact sheet",
            "the lens",
        ],
    },
    Tag {
        name: "cooking",
        about: "food for cold mornings and late watches",
        things: [
            "the starter",
            "the stock",
            "the oven",
            "the salt",
            "the cast-iron pan",
            "the onion",
            "the dough",
            "the pot lid",
        ],
    },
    Tag {
        name: "notes",
        about: "everything that fits nowhere else",
        things: [
            "the notebook",
            "the average",
            "the checklist",
            "the first draft",
            "the calendar",
            "the footnote",
            "the backlog",
            "the habit",
        ],
    },
];

const fn post(title: &'static str, tag: usize) -> Post {
    Post { title, tag }
}

pub(super) const POSTS: [Post; 32] = [
    post("What I would tell a new maintainer", 7),
    post("A web server in an afternoon", 0),
    post("The harbour at five in the morning", 5),
    post("Keep-alive, kept honest", 1),
    post("Ownership, explained with a dinghy", 2),
    post("Bread for people who forget bread", 6),
    post("Reading strace like a novel", 3),
    post("Eleven knots and one that matters", 4),
    post("Why the median lies", 7),
    post("The cheapest cache is a good ETag", 1),
    post("What a file descriptor costs", 0),
    post("Traits I reach for first", 2),
    post("Fog, and how to photograph it", 5),
    post("A tide table in forty lines", 3),
    post("Queues are where latency lives", 0),
    post("Soup, scaled", 6),
    post("Errors are part of the interface", 2),
    post("Small boats, big weather", 4),
    post("Backpressure is a kindness", 1),
    post("The day the disk filled up", 0),
    post("My dotfiles, shorter every year", 3),
    post("Notes from a year of notes", 7),
    post("Borrowed light", 5),
    post("Lifetimes without tears", 2),
    post("Measuring twice", 7),
    post("Packets on a slow boat", 1),
    post("Anchoring in soft mud", 4),
    post("Graceful shutdown, gracefully", 0),
    post("A stew for the night watch", 6),
    post("Grep first, ask later", 3),
    post("The long way round the headland", 4),
    post("Iterators all the way home", 2),
];
