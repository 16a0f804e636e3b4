using System.Text.RegularExpressions;
using DataSsl.Generator.Families;
using DataSsl.Runtime;

namespace DataSsl.Search.Start;

/// <summary>
/// Which tensors of a file are a family's network, and under which names of ours: prefixes such as <c>module.</c> and <c>backbone.</c> are
/// taken off, heads and whatever else a run keeps stay behind.
/// </summary>
/// <param name="Ours">Our name for each of the file's that is the network's.</param>
/// <param name="Prefix">What stood before them.</param>
/// <param name="Left">The file's other names.</param>
internal sealed partial record GivenKeys(IReadOnlyDictionary<string, string> Ours, string Prefix, IReadOnlyList<string> Left)
{
    /// <summary>Finds a family's network.</summary>
    /// <exception cref="UserException">There is none, or it is of another family.</exception>
    public static GivenKeys Of(string path, IReadOnlyList<string> names, string family)
    {
        var asked = Family.All.First(f => f.Name == family);
        if (Read(asked) is { } found && asked.Owns([.. found.Ours.Values])) return found;
        var other = Family.All.FirstOrDefault(f => f != asked && Read(f) is { } keys && f.Owns([.. keys.Ours.Values]));
        throw new UserException(other is null
            ? $"{path}: holds no weights of a {family}: no tensor is named {string.Join(" or ", asked.Schemes.Select(scheme => scheme.First))}; its first is '{names[0]}'"
            : $"{path}: holds the weights of a {other.Name}, and the space is of {family}; give a space of {other.Name}");

        GivenKeys? Read(Family of)
        {
            // Of several networks in a file, such as a student and its teacher, the first.
            var place = of.Schemes.SelectMany(
                scheme =>
                    names.Where(name => name == scheme.First || name.EndsWith("." + scheme.First, StringComparison.Ordinal))
                        .Select(name => (Scheme: scheme, Prefix: name[..^scheme.First.Length])))
                .OrderBy(found => found.Prefix.Count(c => c == '.')).Select(found => ((KeyScheme Scheme, string Prefix)?)found)
                    .FirstOrDefault();
            if (place is not { Scheme: var scheme, Prefix: var prefix }) return null;
            var ours = scheme.OurNames(
                    names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]))
                .ToDictionary(pair => prefix + pair.Key, pair => pair.Value);
            // How many batches a BatchNorm has seen is of no use.
            foreach (var counter in
                ours.Where(pair => pair.Value.EndsWith(".num_batches_tracked", StringComparison.Ordinal)).Select(pair => pair.Key).ToList())
                ours.Remove(counter);
            return new(
                ours, prefix,
                [.. names.Where(name => !ours.ContainsKey(name) && !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))]);
        }
    }

    /// <summary>
    /// The same with the places of blocks counted without gaps: a run's checkpoint of one architecture keeps the places of its supernet.
    /// </summary>
    public GivenKeys WithoutGaps()
    {
        var places = Ours.Values.Select(key => Place().Match(key)).Where(match => match.Success).GroupBy(match => match.Groups[1].Value)
            .ToDictionary(list => list.Key, list => list.Select(match => int.Parse(match.Groups[2].ValueSpan)).Distinct().Order().ToList());
        return this with
        {
            Ours = Ours.ToDictionary(
                pair => pair.Key,
                pair =>
                    Place().Replace(
                        pair.Value,
                        match =>
                            FormattableString.Invariant(
                                $"{match.Groups[1].Value}.{places[match.Groups[1].Value].IndexOf(int.Parse(match.Groups[2].ValueSpan))}."))),
        };
    }

    /// <summary>What stayed behind in a few words: <c>fc (2 tensors)</c>; empty where nothing did.</summary>
    public string LeftInWords()
    {
        const int most = 4;
        var modules = Left.GroupBy(
                name =>
                    name.StartsWith(Prefix, StringComparison.Ordinal) ? Prefix + name[Prefix.Length..].Split('.')[0] : name.Split('.')[0])
            .Select(m => $"{m.Key} ({m.Count()} {(m.Count() == 1 ? "tensor" : "tensors")})").ToList();
        return string.Join(", ", modules.Take(most)) + (modules.Count > most ? $" and {modules.Count - most} more" : "");
    }

    [GeneratedRegex(@"^([a-z0-9]+)\.([0-9]{1,4})\.")]
    private static partial Regex Place();
}
