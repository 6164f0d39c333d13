//! The hours of the day: when clients come.

use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Work begins and ends, in the morning and in the afternoon, in hours.
const WORK: [(f64, f64); 2] = [(7.5, 11.5), (13.5, 17.5)];
const WORKING_HOURS: f64 = 8.0;
const WORK_SHARE: f64 = 0.8;

/// A day that is played in a shorter time.
pub struct Course {
    began: Instant,
    lasts: Duration,
}

impl Course {
    pub fn begin(lasts: Duration) -> Self {
        Self { began: Instant::now(), lasts }
    }

    /// Begins `count` acts in their moments, and waits until all have ended.
    pub async fn run<F>(&self, count: usize, seed: u64, act: impl Fn(Due) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut chance = Rng::with_seed(seed);
        let mut moments: Vec<f64> = (0..count).map(|_| moment(&mut chance)).collect();
        moments.sort_unstable_by(f64::total_cmp);
        let mut running = JoinSet::new();
        for moment in moments {
            let at = self.began + self.lasts.mul_f64(moment / 24.0);
            sleep_until(at).await;
            running.spawn(act(Due { at, chance: chance.fork() }));
            // Acts that have ended are let go.
            while running.try_join_next().is_some() {}
        }
        running.join_all().await;
    }
}

/// The moment in which an act is due, and the chance of what it does.
pub struct Due {
    pub at: Instant,
    pub chance: Rng,
}

/// An hour of the day, by how many come then.
fn moment(chance: &mut Rng) -> f64 {
    let [(from, until), (again, _)] = WORK;
    if chance.f64() < WORK_SHARE {
        let worked = chance.f64() * WORKING_HOURS;
        if worked < until - from { from + worked } else { again + worked - (until - from) }
    } else {
        let rest = chance.f64() * (24.0 - WORKING_HOURS);
        if rest < from {
            rest
        } else if rest < from + again - until {
            rest + until - from
        } else {
            rest + WORKING_HOURS
        }
    }
}
