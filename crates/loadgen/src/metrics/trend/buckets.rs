//! Counts in the buckets of an HDR histogram with three significant digits.
//!
//! hdrhistogram has the same buckets, and files have its format. It does not know which of its
//! thousands of buckets are in use, so emptying one costs as much as looking at them all. A worker
//! empties every trend once a second, between two requests that are being timed: here that costs
//! no more than what is in it.

use hdrhistogram::Histogram;

use super::SIGNIFICANT_DIGITS;

/// Values below 2 to this are told apart; above, there are so many bits of each.
const BITS: u32 = 11;

/// Buckets for each further bit.
const BUCKETS_PER_BIT: usize = 1 << (BITS - 1);

/// Counts of buckets that follow each other, and are likely to be in use together.
type Page = Box<[u64; BUCKETS_PER_BIT]>;

/// See the module. There is room for the pages in use only: latencies leave out the first half.
#[derive(Debug, Clone, Default)]
pub(super) struct Buckets {
    pages: Vec<Option<Page>>,
    /// Numbers of the buckets in use, in the order in which they came into it.
    used: Vec<u32>,
    total: u64,
}

/// Numbers of buckets and their counts, in any order.
pub(super) type Counts = Box<[(u32, u64)]>;

impl Buckets {
    /// Adds a value.
    pub(super) fn record(&mut self, value: u64) {
        self.add_count(bucket(value), 1);
    }

    fn add_count(&mut self, bucket: u32, count: u64) {
        let (page, place) = place(bucket);
        if page >= self.pages.len() {
            self.pages.resize(page + 1, None);
        }
        let page = self.pages[page].get_or_insert_with(|| Box::new([0; BUCKETS_PER_BIT]));
        if page[place] == 0 {
            self.used.push(bucket);
        }
        page[place] += count;
        self.total += count;
    }

    /// How many values there are.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Takes out all counts. Room that they needed stays.
    pub(super) fn take(&mut self) -> Counts {
        self.total = 0;
        let pages = &mut self.pages;
        let taken = self.used.drain(..).map(|bucket| {
            let (page, place) = place(bucket);
            let count = pages[page].as_mut().map(|page| std::mem::take(&mut page[place]));
            (bucket, count.unwrap_or_default())
        });
        taken.collect()
    }

    /// Adds what was taken out of another one.
    pub(super) fn add(&mut self, counts: &Counts) {
        counts.iter().for_each(|&(bucket, count)| self.add_count(bucket, count));
    }

    /// The value at a place in the sorted sequence, counted from 0: the middle of its bucket.
    pub(super) fn nth(&self, place: u64) -> u64 {
        let mut before = 0;
        let found = self.iter().find(|(_, count)| {
            before += count;
            before > place
        });
        found.map_or(0, |(value, _)| value)
    }

    /// The middle of each bucket in use and its count, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let pages = self.pages.iter().enumerate();
        let pages = pages.filter_map(|(number, page)| Some((number, page.as_ref()?)));
        pages.flat_map(|(number, page)| {
            let used = page.iter().enumerate().filter(|(_, count)| **count > 0);
            used.map(move |(place, count)| (middle(number * BUCKETS_PER_BIT + place), *count))
        })
    }

    /// The same as a histogram of hdrhistogram.
    pub(super) fn histogram(&self) -> Histogram<u64> {
        let mut histogram =
            Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are within the allowed range");
        for (value, count) in self.iter() {
            histogram.record_n(value, count).expect("histograms grow as needed");
        }
        histogram
    }
}

/// The number of a value's bucket.
fn bucket(value: u64) -> u32 {
    // So many of the lowest bits are not told apart.
    let lost = (u64::BITS - BITS).saturating_sub(value.leading_zeros());
    lost * BUCKETS_PER_BIT as u32 + (value >> lost) as u32
}

/// The page of a bucket, and its place there.
fn place(bucket: u32) -> (usize, usize) {
    (bucket as usize / BUCKETS_PER_BIT, bucket as usize % BUCKETS_PER_BIT)
}

/// The middle of a bucket, as hdrhistogram has it: of an even number of values the upper one.
fn middle(bucket: usize) -> u64 {
    let lost = (bucket / BUCKETS_PER_BIT).saturating_sub(1);
    let first = ((bucket - lost * BUCKETS_PER_BIT) as u64) << lost;
    first + (1 << lost) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of all magnitudes alike.
    fn value() -> impl Strategy<Value = u64> {
        (0..u64::BITS, any::<u64>()).prop_map(|(shift, value)| value >> shift)
    }

    proptest! {
        #[test]
        fn buckets_are_those_of_hdrhistogram(values in prop::collection::vec(value(), 1..100)) {
            let mut histogram = Histogram::<u64>::new(SIGNIFICANT_DIGITS).expect("three digits");
            let mut buckets = Buckets::default();
            for &value in &values {
                histogram.record(value).expect("it grows");
                buckets.record(value);
            }
            prop_assert_eq!(buckets.total(), values.len() as u64);
            let counts: Vec<_> = buckets.iter().collect();
            let theirs = histogram.iter_recorded().map(|step| {
                (histogram.median_equivalent(step.value_iterated_to()), step.count_at_value())
            });
            prop_assert_eq!(&counts, &theirs.collect::<Vec<_>>());
            prop_assert_eq!(buckets.histogram(), histogram);

            let all = counts.iter().flat_map(|&(value, count)| (0..count).map(move |_| value));
            for (place, value) in all.enumerate() {
                prop_assert_eq!(buckets.nth(place as u64), value);
            }
        }
    }

    #[test]
    fn what_was_taken_is_gone() {
        let mut buckets = Buckets::default();
        [0, 7, 7, u64::MAX].iter().for_each(|&value| buckets.record(value));
        let mut sum = Buckets::default();
        sum.add(&buckets.take());
        assert_eq!((buckets.total(), buckets.iter().count()), (0, 0));
        buckets.record(7);
        sum.add(&buckets.take());
        let counts: Vec<_> = sum.iter().map(|(_, count)| count).collect();
        assert_eq!((sum.total(), &counts[..]), (5, &[1, 3, 1][..]));
    }
}
