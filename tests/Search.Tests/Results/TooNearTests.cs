using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using DataSsl.Spaces;

namespace DataSsl.Search.Tests.Results;

/// <summary>Candidates as like the teacher as Max itself, whose architecture it has, beside those that likeness ranks.</summary>
public sealed class TooNearTests
{
    private const int Units = 200;
    private static readonly Budget all = Budget.Parse("all");

    /// <summary>
    /// Likenesses of 200 images about a mean, with what an image does to all alike and a deviation of 0.1 of each network's own: a lead is
    /// known to 0.01. Five have Max's mean; the others are 0.1 behind, ten times that.
    /// </summary>
    [Fact]
    public void Those_that_cannot_be_told_from_Max_are_named_and_those_clearly_behind_are_not()
    {
        var others = Tiny.Space.All().Where(a => !a.Equals(Tiny.Space.Max)).Take(20).ToList();
        var winner = Find([.. others, Tiny.Space.Max], a => a.Equals(Tiny.Space.Max) ? 0.9 : others.IndexOf(a) < 5 ? 0.9 : 0.8);
        Assert.Equal(others.Take(5).Select(Tiny.Space.IndexOf).Order(), winner.TooNear!.Order());
        Assert.DoesNotContain(Tiny.Space.IndexOf(Tiny.Space.Max), winner.TooNear!);
    }

    /// <summary>To be more like the teacher than Max is nothing better: it is too near all the more.</summary>
    [Fact]
    public void One_that_is_more_alike_than_Max_is_too_near_and_may_win()
    {
        var others = Tiny.Space.All().Where(a => !a.Equals(Tiny.Space.Max)).Take(20).ToList();
        var winner = Find([.. others, Tiny.Space.Max], a => a.Equals(Tiny.Space.Max) ? 0.8 : a.Equals(others[3]) ? 0.9 : 0.6);
        Assert.Equal(others[3].ToString(), winner.Candidate.Architecture);
        Assert.Equal([Tiny.Space.IndexOf(others[3])], winner.TooNear);
    }

    /// <summary>Max may be of another budget; where it is of none, nothing is known; against a foreign teacher it is no bound.</summary>
    [Fact]
    public void Without_Max_s_own_likeness_nothing_is_said()
    {
        var others = Tiny.Space.All().Where(a => !a.Equals(Tiny.Space.Max)).Take(20).ToList();
        Assert.Null(Find(others, _ => 0.8).TooNear);
        Assert.Empty(Find(others, a => a.Equals(Tiny.Space.Max) ? 0.9 : 0.7, elsewhere: Tiny.Space.Max).TooNear!);
        Assert.Null(Find([.. others, Tiny.Space.Max], _ => 0.8, SearchTask.Classification.AgainstForeign()).TooNear);
    }

    private static Winner Find(
        IReadOnlyList<Architecture> members, Func<Architecture, double> likeness, SearchTask? task = null, Architecture? elsewhere = null)
    {
        var groups = new Dictionary<Budget, IReadOnlyList<Architecture>> { [all] = members };
        if (elsewhere is not null) groups.Add(Budget.Parse("params<=1G"), [elsewhere]);
        var candidates = new CandidateSet(groups);
        var ofImages = Noise(-1, 0.3);
        var scored = candidates.All.ToDictionary(a => a, a =>
        {
            var own = Noise(Tiny.Space.IndexOf(a), 0.1);
            var units = own.Select((noise, i) => (float)(likeness(a) + ofImages[i] + noise - own.Average() - ofImages.Average())).ToArray();
            return new Scored([units.Average(v => (double)v)], units);
        });
        var records = candidates.All.ToDictionary(a => a, a => new Candidate(
            a.ToString(), Tiny.Space.IndexOf(a), Tiny.Space.Macs(a, 16), Tiny.Space.Parameters(a), new Dictionary<string, double>()));
        return new Winners(candidates, [task ?? SearchTask.Classification], records, scored, Seed: 1).Find()
            .First(w => w.Budget == all.ToString());
    }

    private static double[] Noise(long of, double deviation)
    {
        var random = CounterRandom.For(7, "likeness", of);
        var values = new double[Units];
        foreach (ref var value in values.AsSpan()) value = deviation * random.NextNormal();
        return values;
    }
}
