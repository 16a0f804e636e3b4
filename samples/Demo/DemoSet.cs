using System.Globalization;
using DataSsl.Runtime.Data;

namespace DataSsl.Demo;

/// <summary>What the demo's folder of images holds.</summary>
public static class DemoSet
{
    /// <summary>The domains and their classes, in order.</summary>
    public static IReadOnlyList<(string Domain, IReadOnlyList<string> Labels)> Domains { get; } =
        [.. DemoDomain.All.Select(d => (d.Name, (IReadOnlyList<string>)[.. d.Classes.Select(c => c.Label)]))];

    /// <summary>The one of the two domains that another is not.</summary>
    public static string Other(string domain) => Domains.Single(d => d.Domain != domain).Domain;

    /// <summary>Where the pictures of a domain's classes are, below the set's folder: those to learn from, and those to test on.</summary>
    public static string Folder(string set, string domain, bool isTest) => Path.Combine(set, domain, DemoEntry.Part(isTest));

    /// <summary>
    /// Lists the pictures of the demo; the classes of a domain get equal shares, the first ones one more where it does not divide.
    /// </summary>
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
/// <param name="Label">Its class, the third folder. Training never sees it; the linear probe does.</param>
/// <param name="Index">Its number within the class.</param>
public sealed record DemoEntry(string Domain, string Label, int Index)
{
    /// <summary>Whether it is kept to test on: a quarter of each class, the same pictures however many there are.</summary>
    public bool IsTest => Index % 4 == 3;

    /// <summary>Where it is written, relative to the demo's folder, with <c>/</c>: <c>aerial/test/field/000123.jpg</c>.</summary>
    public string RelativePath => string.Create(CultureInfo.InvariantCulture, $"{Domain}/{Part(IsTest)}/{Label}/{Index:D6}.jpg");

    /// <summary>The folder of either part, below the domain's.</summary>
    internal static string Part(bool isTest) => isTest ? "test" : "train";

    /// <summary>Paints it.</summary>
    public Image Render() => DemoImages.Render(Domain, Label, Index);
}
