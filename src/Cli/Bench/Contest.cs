namespace DataSsl.Cli.Bench;

/// <summary>Contestants that do the same work in turn, so that a noisy machine is noisy for all.</summary>
internal static class Contest
{
    /// <summary>Runs the rounds; a first one more warms up and is not counted.</summary>
    /// <param name="entering">Each is started when it is asked for.</param>
    /// <param name="rounds">Counted pieces of work of each contestant.</param>
    /// <param name="unit">What a round is called in the progress.</param>
    /// <param name="work">What a contestant is told to do in a round; the first is round 0.</param>
    /// <returns>Median seconds and peak bytes by contestant.</returns>
    public static IReadOnlyDictionary<string, (double Seconds, long PeakBytes)> Run(IEnumerable<Contestant> entering, int rounds, string unit, Func<Contestant, int, string> work)
    {
        var contestants = new List<Contestant>();
        try
        {
            foreach (var contestant in entering) contestants.Add(contestant);
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var contestant in contestants) contestant.Step(work(contestant, round), counted: round > 0);
                Output.Progress($"{unit} {round} of {rounds}{(round == 0 ? " (warm-up, not counted)" : "")}");
            }
            foreach (var contestant in contestants) contestant.Finish();
            return contestants.ToDictionary(c => c.Name, c => (c.Median, c.PeakBytes));
        }
        finally
        {
            foreach (var contestant in contestants) contestant.Dispose();
        }
    }
}
