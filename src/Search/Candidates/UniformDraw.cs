using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Candidates;

/// <summary>
/// The members of a space in a random order, one at a time and none twice, every order as likely as another: Fisher and Yates's shuffle of
/// the indices, of which only those that it has touched are held. So a draw from a space of billions costs what is drawn.
/// </summary>
public sealed class UniformDraw(SearchSpace space, CounterRandom random)
{
    private readonly Dictionary<long, long> moved = [];
    private CounterRandom random = random;

    /// <summary>How many were drawn.</summary>
    public long Drawn { get; private set; }

    /// <summary>The next member; null once all are drawn.</summary>
    public Architecture? Next()
    {
        if (Drawn == space.Count) return null;
        var place = Drawn + random.Below(space.Count - Drawn);
        var index = At(place);
        moved[place] = At(Drawn);
        moved.Remove(Drawn++);
        return space.FromIndex(index);
    }

    /// <summary>The next so many members, or all that are left.</summary>
    public IReadOnlyList<Architecture> Take(int count)
    {
        var taken = new List<Architecture>();
        while (taken.Count < count && Next() is { } architecture) taken.Add(architecture);
        return taken;
    }

    private long At(long place) => moved.GetValueOrDefault(place, place);
}
