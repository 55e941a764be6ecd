//! Replication against its papers: counts, failures, consistency, the service-time model.

mod cap;
mod consistency;
mod counts;
mod failures;
mod leases;
mod mutants;
mod outages;
mod service;
mod support;
