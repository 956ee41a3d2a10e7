//! Things by a small number, each made when it is first asked for.

/// See the module.
pub(super) struct Once<T>(Vec<Option<T>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Once<T> {
    /// The thing with this number, made by `make` the first time.
    pub(super) fn get(&mut self, number: usize, make: impl FnOnce() -> T) -> &T {
        if self.0.len() <= number {
            self.0.resize_with(number + 1, || None);
        }
        self.0[number].get_or_insert_with(make)
    }
}
