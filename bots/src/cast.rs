//! Who plays what: each bot's behaviour, conduct and network, dealt by weight.

use std::sync::Arc;

use drumline_room::GameSpec;

use crate::behaviour::registry::{KnownGame, MakeMind};
use crate::conduct::Conduct;
use crate::net::NetProfile;
use crate::scenario::{Fault, Scenario};

/// The steps by which bots are dealt their behaviours and networks: those of the R2 sequence (Roberts 2018), which covers the
/// square of both evenly. So however few the bots are, the shares are right, and each behaviour is on each network.
const STEPS: [f64; 2] = [0.754_877_666_246_692_8, 0.569_840_290_998_053_3];

/// What a scenario's bots can be.
pub struct Cast {
    /// The game.
    pub spec: Arc<GameSpec>,
    parts: Dealt<Part>,
    networks: Dealt<Option<NetProfile>>,
    offset: f64,
}

/// What a bot is to do.
#[derive(Clone)]
pub struct Part {
    /// What it plays.
    pub make: MakeMind,
    /// How it treats its connection.
    pub conduct: Conduct,
}

/// Things with the upper ends of their shares of 0 to 1.
struct Dealt<T>(Vec<(f64, T)>);

impl<T> Dealt<T> {
    fn new(weights: impl IntoIterator<Item = (f64, T)>) -> Self {
        let mut sum = 0.0;
        let ends = weights.into_iter().filter(|(weight, _)| *weight > 0.0).map(|(weight, thing)| {
            sum += weight;
            (sum, thing)
        });
        let mut ends: Vec<(f64, T)> = ends.collect();
        for (end, _) in &mut ends {
            *end /= sum;
        }
        Self(ends)
    }

    /// What lies at a place from 0 to 1.
    fn at(&self, place: f64) -> &T {
        let index = self.0.iter().position(|(end, _)| place < *end).unwrap_or(self.0.len() - 1);
        &self.0[index].1
    }
}

impl Cast {
    /// The cast of a scenario whose values have been checked.
    ///
    /// # Errors
    /// [`Fault`] names the behaviour that the game does not have, and lists those that it has.
    pub fn new(game: &KnownGame, scenario: &Scenario) -> Result<Self, Fault> {
        let default = &game.behaviours[0].1;
        let part = |name: &String| {
            let conduct = Conduct::named(name, scenario);
            let behaviour = game.behaviours.iter().find(|(known, _)| known == name).map(|(_, make)| make);
            let make = behaviour.or(conduct.is_some().then_some(default)).ok_or_else(|| {
                let known: Vec<&str> = game.behaviour_names().collect();
                let (of, known) = (game.spec.name, known.join(", "));
                Fault::new(&["behaviours", name], format_args!("is none of {of}; its bots know: {known}"))
            })?;
            Ok(Part { make: Arc::clone(make), conduct: conduct.unwrap_or_default() })
        };
        let mut parts = Vec::new();
        for (name, &weight) in &scenario.behaviours {
            parts.push((weight, part(name)?));
        }
        if parts.is_empty() {
            parts.push((1.0, Part { make: Arc::clone(default), conduct: Conduct::Plain }));
        }
        let mut networks = Vec::new();
        for (name, &weight) in &scenario.networks {
            let profile = NetProfile::find(name).map_err(|error| Fault::new(&["networks", name], error))?;
            networks.push((weight, Some(profile)));
        }
        if networks.is_empty() {
            networks.push((1.0, None));
        }
        // Any seed's low bits move the deal a little.
        let offset = (scenario.seed % 1009) as f64 / 1009.0;
        let (parts, networks) = (Dealt::new(parts), Dealt::new(networks));
        Ok(Self { spec: Arc::clone(&game.spec), parts, networks, offset })
    }

    /// What a bot is dealt: its part, and the network between it and the server.
    #[must_use]
    pub fn deal(&self, bot: u64) -> (&Part, Option<NetProfile>) {
        let place = |step: f64| (self.offset + bot as f64 * step).fract();
        let [part, network] = STEPS.map(place);
        (self.parts.at(part), *self.networks.at(network))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::behaviour::registry::Swarm;

    fn cast(behaviours: &[(&str, f64)], networks: &[(&str, f64)]) -> Result<Cast, Fault> {
        let weights =
            |pairs: &[(&str, f64)]| pairs.iter().map(|&(name, weight)| (name.to_owned(), weight)).collect();
        let scenario =
            Scenario { behaviours: weights(behaviours), networks: weights(networks), ..Scenario::default() };
        Swarm::shipped().cast(&scenario)
    }

    #[test]
    fn shares_are_right_however_few_the_bots_are_and_mixed_with_the_networks() {
        let cast =
            cast(&[("chase", 2.0), ("slow", 1.0), ("idle", 0.0)], &[("lan", 1.0), ("4g", 1.0)]).unwrap();
        for bots in [24_u64, 64, 1000] {
            let mut counts = BTreeMap::<(bool, bool), u64>::new();
            for bot in 0..bots {
                let (part, network) = cast.deal(bot);
                let lan = network == NetProfile::find("lan").ok();
                *counts.entry((part.conduct.is_slow(), lan)).or_default() += 1;
            }
            for ((slow, _), count) in counts {
                let expected = bots as f64 * if slow { 1.0 / 6.0 } else { 1.0 / 3.0 };
                assert!((count as f64 - expected).abs() <= 4.0, "{count} for {expected} of {bots}");
            }
        }
    }

    #[test]
    fn who_is_told_nothing_plays_what_the_game_has_on_no_network() {
        let cast = cast(&[], &[]).unwrap();
        let (part, network) = cast.deal(7);
        assert_eq!((part.conduct, network), (Conduct::Plain, None));
    }

    #[test]
    fn an_unknown_behaviour_is_named_with_those_that_there_are() {
        let fault = cast(&[("hunt", 1.0)], &[]).err().unwrap().to_string();
        assert_eq!(
            fault,
            "`behaviours.hunt` is none of arena; its bots know: chase, wander, idle, spam, flapper, slow"
        );
    }
}
