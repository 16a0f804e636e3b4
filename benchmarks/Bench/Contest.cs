using DataSsl.Jobs.Shared;

namespace DataSsl.Bench;

/// <summary>Contestants that do the same work in turn, so that a noisy machine is noisy for all.</summary>
internal static class Contest
{
    /// <summary>Runs the rounds; a first one more warms up and is not counted.</summary>
    /// <param name="entering">Who takes part; each is started in its turn.</param>
    /// <param name="threads">Of each.</param>
    /// <param name="rounds">Counted pieces of work of each contestant.</param>
    /// <param name="unit">What a round is called in the progress.</param>
    /// <param name="work">What a contestant is told to do in a round; the first is round 0.</param>
    /// <param name="seconds">What counts of a contestant's seconds; their median unless told otherwise.</param>
    /// <returns>Seconds and peak bytes by contestant.</returns>
    public static IReadOnlyDictionary<string, (double Seconds, long PeakBytes)> Run(
        IEnumerable<Entry> entering, int threads, int rounds, string unit, Func<Contestant, int, string> work,
        Func<Contestant, double>? seconds = null)
    {
        var contestants = new List<Contestant>();
        try
        {
            foreach (var entry in entering) contestants.Add(entry.Start(threads));
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var contestant in contestants) contestant.Step(work(contestant, round), counted: round > 0);
                Notices.Tell($"{unit} {round} of {rounds}{(round == 0 ? " (warm-up, not counted)" : "")}");
            }
            foreach (var contestant in contestants) contestant.Finish();
            return contestants.ToDictionary(c => c.Name, c => (seconds?.Invoke(c) ?? c.Median, c.PeakBytes));
        }
        finally
        {
            foreach (var contestant in contestants) contestant.Dispose();
        }
    }
}
