//! What a collector answers: an `ExportMetricsServiceResponse`, which may say that it took only
//! part of what it got.

use super::super::{
    delivery::Failure,
    protobuf::{Field, fields},
};

/// Whether it took everything.
///
/// # Errors
///
/// It says how much it did not take, and why.
pub(super) fn check(response: &[u8]) -> Result<(), Failure> {
    const PARTIAL_SUCCESS: u64 = 1;
    const REJECTED_DATA_POINTS: u64 = 1;
    const ERROR_MESSAGE: u64 = 2;

    let mut rejected = 0;
    let mut message = String::new();
    let partial = fields(response).map_while(Result::ok).filter_map(|field| match field {
        (PARTIAL_SUCCESS, Field::Bytes(bytes)) => Some(bytes),
        _ => None,
    });
    for field in partial.flat_map(fields).flatten() {
        match field {
            (REJECTED_DATA_POINTS, Field::Varint(number)) => rejected = number,
            (ERROR_MESSAGE, Field::Bytes(text)) => message = String::from_utf8_lossy(text).into(),
            _ => {}
        }
    }
    if rejected == 0 {
        // With a message it is a warning.
        return Ok(());
    }
    let reason = format!("the collector rejected {rejected} data points: {message}");
    Err(Failure { reason, is_final: true })
}

#[cfg(test)]
mod tests {
    use super::{super::super::protobuf::Message, *};

    fn response(rejected: u64, text: &str) -> Vec<u8> {
        Message::encode(|response| {
            response.message(1, |partial| {
                partial.uint(1, rejected);
                partial.string(2, text);
            });
        })
    }

    #[test]
    fn only_what_was_rejected_is_a_failure() {
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&response(0, "a warning")), Ok(()));
        let failure = check(&response(3, "too old")).expect_err("three points");
        assert_eq!(failure.reason, "the collector rejected 3 data points: too old");
        assert!(failure.is_final);
        // No message at all, such as a page of a proxy, says nothing of rejection.
        assert_eq!(check(b"<html>"), Ok(()));
    }
}
