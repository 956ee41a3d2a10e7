//! Pictures that a browser can show: a landscape of hills as PNG, a favicon, and SVG marks.
//!
//! A picture has one byte a pixel and is stored without compression, so that its size follows
//! from its dimensions and its making costs next to nothing. Integers only: no machine rounds
//! differently.

use std::fmt::Write as _;

use super::random::Random;

/// How many ridges stand one behind the other.
const RIDGES: usize = 5;

/// Palette: 0..=127 the sky from top to bottom, 128..=247 the ridges in bands of 24 shades,
/// 255 the sun.
const SKY: usize = 128;
const BAND: usize = 24;
const SUN: u8 = 255;

/// Sky above, sky below, farthest ridge, nearest ridge.
const MOODS: [[[u8; 3]; 4]; 6] = [
    [[24, 52, 98], [238, 170, 120], [116, 110, 140], [22, 34, 52]],
    [[90, 160, 214], [226, 240, 246], [140, 176, 190], [34, 82, 70]],
    [[54, 40, 86], [250, 142, 112], [150, 92, 120], [36, 20, 48]],
    [[176, 190, 200], [240, 240, 236], [188, 198, 202], [84, 98, 106]],
    [[12, 20, 44], [70, 96, 140], [52, 66, 104], [8, 12, 26]],
    [[110, 176, 176], [252, 226, 170], [170, 180, 140], [62, 84, 58]],
];

/// A PNG of that many pixels. The same name gives the same picture.
pub(super) fn png(name: &str, width: usize, height: usize) -> Vec<u8> {
    let mut random = Random::named(name);
    let mood = &MOODS[random.between(0, MOODS.len() - 1)];
    let pixels = landscape(&mut random, width, height);

    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [(width as u32).to_be_bytes(), (height as u32).to_be_bytes()].concat();
    // 8 bits, indexed colours, and the only methods that there are.
    header.extend([8, 3, 0, 0, 0]);
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"PLTE", palette(mood).as_flattened());
    chunk(&mut file, *b"IDAT", &zlib_stored(&pixels));
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// Rows of palette indices, each after a zero, which is PNG's "no filter".
fn landscape(random: &mut Random, width: usize, height: usize) -> Vec<u8> {
    let ridges: [Vec<usize>; RIDGES] = std::array::from_fn(|i| {
        let top = height * (45 + 11 * i) / 100;
        ridge(random, width, top, height / (7 + i))
    });
    let (sun_x, sun_y) = (random.between(width / 5, width * 4 / 5), height * 3 / 10);
    let radius = height / 12;

    let mut pixels = Vec::with_capacity((width + 1) * height);
    for y in 0..height {
        pixels.push(0);
        // Two bits of noise from one draw hide the steps of the gradients.
        let mut noise = random.next();
        for x in 0..width {
            noise = noise.rotate_left(11).wrapping_add(x as u64);
            let grain = (noise & 3) as usize;
            pixels.push(match ridges.iter().rposition(|ridge| ridge[x] <= y) {
                Some(i) => {
                    let shade = ((y - ridges[i][x]) * 40 / height + grain).min(BAND - 1);
                    (SKY + i * BAND + shade) as u8
                }
                None if x.abs_diff(sun_x).pow(2) + y.abs_diff(sun_y).pow(2) < radius * radius => {
                    SUN
                }
                None => ((y * SKY * 5 / 4 / height) + grain).min(SKY - 1) as u8,
            });
        }
    }
    pixels
}

/// The height of a ridge at each column: three octaves of value noise below `top`.
fn ridge(random: &mut Random, width: usize, top: usize, amplitude: usize) -> Vec<usize> {
    let mut heights = vec![top; width];
    for octave in 0..3 {
        let (step, rise) = ((width / 4) >> octave, amplitude >> octave);
        if step == 0 || rise == 0 {
            break;
        }
        let points: Vec<usize> = (0..width / step + 2).map(|_| random.between(0, rise)).collect();
        for (x, height) in heights.iter_mut().enumerate() {
            let (left, right) = (points[x / step], points[x / step + 1]);
            // Smoothstep in 1/256ths: flat at both ends, so that no corner shows.
            let t = (x % step) * 256 / step;
            let t = t * t * (768 - 2 * t) / 65_536;
            *height -= (left * (256 - t) + right * t) / 256;
        }
    }
    heights
}

fn palette(mood: &[[u8; 3]; 4]) -> [[u8; 3]; 256] {
    let [above, below, far, near] = mood;
    std::array::from_fn(|i| match i {
        0..SKY => mix(above, below, i, SKY - 1),
        _ if i == usize::from(SUN) => [255, 244, 214],
        _ => {
            let (band, shade) = ((i - SKY) / BAND, (i - SKY) % BAND);
            let base = mix(far, near, band.min(RIDGES - 1), RIDGES - 1);
            mix(&base, below, shade, 5 * BAND)
        }
    })
}

/// The colour `part / whole` of the way from one to the other.
fn mix(from: &[u8; 3], to: &[u8; 3], part: usize, whole: usize) -> [u8; 3] {
    std::array::from_fn(|i| {
        let (from, to) = (usize::from(from[i]), usize::from(to[i]));
        ((from * (whole - part) + to * part) / whole) as u8
    })
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&kind);
    crc.update(data);
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    file.extend(crc.finalize().to_be_bytes());
}

/// A zlib stream of blocks that are stored as they are (RFC 1950 and 1951).
fn zlib_stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let len = block.len() as u16;
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(len.to_le_bytes());
        stream.extend((!len).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(simd_adler32::adler32(&data).to_be_bytes());
    stream
}

/// The favicon: 16 × 16 pixels of sky over water.
pub(super) fn ico() -> Vec<u8> {
    let mut file = Vec::new();
    let mut put = |bytes: &[u8]| file.extend(bytes);
    let (colours, mask) = (16 * 16 * 4, 16 * 4);
    // The directory: one image, its size, one plane of 32 bits, its length and where it begins.
    put(&[0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0]);
    put(&(40 + colours + mask as u32).to_le_bytes());
    put(&22_u32.to_le_bytes());
    // A bitmap header; the height counts the colours and the mask.
    put(&40_u32.to_le_bytes());
    put(&[16, 0, 0, 0, 32, 0, 0, 0, 1, 0, 32, 0]);
    put(&[0; 24]);
    for row in 0..16_u8 {
        for column in 0..16_u8 {
            let water = row < 7 + (column / 3) % 2;
            put(if water { &[120, 72, 24, 255] } else { &[214, 170, 96, 255] });
        }
    }
    put(&[0; 16 * 4]);
    file
}

/// An SVG mark of waves.
pub(super) fn svg(name: &str) -> String {
    let mut random = Random::named(name);
    let hue = random.between(180, 230);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 320 320\" role=\"img\">\n\
         <title>{name}</title>\n<circle cx=\"160\" cy=\"160\" r=\"156\" fill=\"hsl({hue} 60% 88%)\"/>\n"
    );
    for wave in 0..RIDGES {
        let base = 120 + 34 * wave;
        let crests = ridge(&mut random, 321, base, 60);
        let _ = write!(svg, "<path fill=\"hsl({hue} 55% {}%)\" d=\"M20 {base}", 70 - 11 * wave);
        for x in (20..=300).step_by(8) {
            let _ = write!(svg, "L{x} {}", crests[x]);
        }
        svg.push_str("L300 240Q160 400 20 240Z\"/>\n");
    }
    svg.push_str("</svg>\n");
    svg
}
