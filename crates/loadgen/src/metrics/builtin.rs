//! k6's built-in metrics, as far as something here produces them.

use super::{
    Contains::{self, Data, Default, Time},
    MetricId,
    MetricKind::{self, Counter, Gauge, Rate, Trend},
};

macro_rules! builtin {
    ($($id:ident $place:literal $name:literal $kind:ident $contains:ident $doc:literal;)*) => {
        $(#[doc = $doc] pub const $id: MetricId = MetricId($place);)*

        /// Name, kind and unit of each, by place.
        pub(super) const ALL: &[(&str, MetricKind, Contains)] =
            &[$(($name, $kind, $contains)),*];
    };
}

builtin! {
    VUS 0 "vus" Gauge Default "Virtual users that are working, once a second.";
    VUS_MAX 1 "vus_max" Gauge Default "Virtual users that exist, once a second.";
    ITERATIONS 2 "iterations" Counter Default "Iterations that ran to their end.";
    ITERATION_DURATION 3 "iteration_duration" Trend Time "How long those took.";
    DROPPED_ITERATIONS 4 "dropped_iterations" Counter Default "Iterations that were never started.";
    CHECKS 5 "checks" Rate Default "Checks that held.";
    GROUP_DURATION 6 "group_duration" Trend Time "How long groups took.";
    HTTP_REQS 7 "http_reqs" Counter Default "HTTP requests.";
    HTTP_REQ_DURATION 8 "http_req_duration" Trend Time "Sending, waiting and receiving.";
    HTTP_REQ_BLOCKED 9 "http_req_blocked" Trend Time "Waiting for a connection.";
    HTTP_REQ_CONNECTING 10 "http_req_connecting" Trend Time "TCP connect.";
    HTTP_REQ_TLS_HANDSHAKING 11 "http_req_tls_handshaking" Trend Time "TLS handshake.";
    HTTP_REQ_SENDING 12 "http_req_sending" Trend Time "Writing the request.";
    HTTP_REQ_WAITING 13 "http_req_waiting" Trend Time "Waiting for the answer.";
    HTTP_REQ_RECEIVING 14 "http_req_receiving" Trend Time "Reading the answer.";
    HTTP_REQ_FAILED 15 "http_req_failed" Rate Default "Requests whose status was not expected.";
    DATA_SENT 16 "data_sent" Counter Data "Bytes sent, as the socket counts them.";
    DATA_RECEIVED 17 "data_received" Counter Data "Bytes received, as the socket counts them.";
    SCHEDULE_LAG 18 "schedule_lag" Trend Time "From when an iteration of an arrival rate was due to its start.";
}
