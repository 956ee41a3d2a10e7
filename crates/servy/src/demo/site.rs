//! Puts the demo site together: which files there are, in which order.

use bytes::Bytes;

use super::posts::POSTS;
use super::random::Random;
use super::{feeds, pages, picture};

/// The marks that pages show beside the logo.
pub(super) const MARKS: [&str; 5] = ["boat", "packet", "lens", "kettle", "lighthouse"];

/// The pictures that belong to no post, with their dimensions.
pub(super) const PICTURES: [(&str, usize, usize); 5] = [
    ("panorama", 1360, 760),
    ("portrait", 480, 480),
    ("pocket-server", 400, 300),
    ("tides", 400, 300),
    ("logbook", 400, 300),
];

/// The dimensions of the pictures of posts, in turn: from 57 KB to 519 KB.
const SHAPES: [(usize, usize); 8] = [
    (640, 360),
    (480, 270),
    (720, 405),
    (320, 180),
    (800, 450),
    (560, 315),
    (640, 360),
    (960, 540),
];

const FONTS: [&str; 4] = ["marks-regular", "marks-bold", "charts-regular", "charts-bold"];

/// All files by name, the root page first.
pub(super) fn build() -> Vec<(String, Bytes)> {
    let mut files = pages::all();
    files.extend(feeds::all());
    let mut add = |name: String, body: Vec<u8>| files.push((name, body.into()));

    for (name, text) in [
        ("css/main.css", include_str!("files/main.css")),
        ("css/code.css", include_str!("files/code.css")),
        ("css/print.css", include_str!("files/print.css")),
        ("js/theme.js", include_str!("files/theme.js")),
        ("js/main.js", include_str!("files/main.js")),
        ("js/search.js", include_str!("files/search.js")),
    ] {
        add(name.to_owned(), text.into());
    }
    for name in FONTS {
        add(format!("fonts/{name}.woff2"), font(name));
    }
    add("favicon.ico".to_owned(), picture::ico());
    for name in ["logo"].into_iter().chain(MARKS) {
        add(format!("icons/{name}.svg"), picture::svg(name).into());
    }
    for (name, width, height) in PICTURES {
        add(format!("images/{name}.png"), picture::png(name, width, height));
    }
    for (post, (width, height)) in POSTS.iter().zip(SHAPES.into_iter().cycle()) {
        add(post.picture()[1..].to_owned(), picture::png(post.title, width, height));
    }
    files
}

/// A font's signature and size, and bytes that are as hard to compress as a font. The style
/// sheet declares the fonts for characters that no page has, so no browser tries to read one.
fn font(name: &str) -> Vec<u8> {
    let mut random = Random::named(name);
    let words = random.between(3_000, 6_000);
    let mut file = b"wOF2\0\x01\0\0".to_vec();
    file.extend((8 * words as u32 + 12).to_be_bytes());
    file.extend((0..words).flat_map(|_| random.next().to_le_bytes()));
    file
}
