using System.Globalization;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Demo;

/// <summary>What the demo's folder of images holds.</summary>
public static class DemoSet
{
    /// <summary>The domains and their classes, in order.</summary>
    public static IReadOnlyList<(string Domain, IReadOnlyList<string> Labels)> Domains { get; } =
        [.. DemoDomain.All.Select(d => (d.Name, (IReadOnlyList<string>)[.. d.Classes.Select(c => c.Label)]))];

    /// <summary>Lists the pictures of the demo; the classes of a domain get equal shares, the first ones one more where it does not divide.</summary>
    /// <param name="imagesPerDomain">How many pictures each domain gets. A larger set contains every smaller one.</param>
    public static IReadOnlyList<DemoEntry> Plan(int imagesPerDomain)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(imagesPerDomain);
        var entries = new List<DemoEntry>(imagesPerDomain * Domains.Count);
        foreach (var (domain, labels) in Domains)
            for (var place = 0; place < labels.Count; place++)
                for (var index = 0; index * labels.Count + place < imagesPerDomain; index++)
                    entries.Add(new(domain, labels[place], index));
        return entries;
    }
}

/// <summary>One picture of the demo.</summary>
/// <param name="Domain">Its domain, the first folder of its path.</param>
/// <param name="Label">Its class, the second folder. Training never sees it; the linear probe does.</param>
/// <param name="Index">Its number within the class.</param>
public sealed record DemoEntry(string Domain, string Label, int Index)
{
    /// <summary>Where it is written, relative to the demo's folder, with <c>/</c>: <c>aerial/field/000123.jpg</c>.</summary>
    public string RelativePath => string.Create(CultureInfo.InvariantCulture, $"{Domain}/{Label}/{Index:D6}.jpg");

    /// <summary>Paints it.</summary>
    public Image Render() => DemoImages.Render(Domain, Label, Index);
}
