using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;

namespace DataSsl.Jobs.DataChecks;

/// <summary>What a look at images found.</summary>
/// <param name="Of">What was asked.</param>
/// <param name="Stores">The data, then the test images if any; images are numbered through both.</param>
/// <param name="Unreadable">One line for each that does not decode.</param>
/// <param name="Kept">Images of the data that nothing is wrong with.</param>
internal sealed record DataCheckResult(
    DataCheckJob Of, IReadOnlyList<ImageStore> Stores, IReadOnlyList<string> Unreadable, DataCheck Check, IReadOnlyList<int> Kept)
{
    private int Own => Stores[0].Count;

    private IEnumerable<CopyGroup> Leaks => Check.Groups.Where(group => group.Members[0] < Own && group.Members[^1] >= Own);

    private IEnumerable<NearCopy> Pairs => Check.Groups.SelectMany(group => group.Pairs);

    /// <summary>Where an image of the common numbers is.</summary>
    public ImageStore StoreOf(int image, out int own)
    {
        own = image < Own ? image : image - Own;
        return image < Own ? Stores[0] : Stores[1];
    }

    public string NameOf(int image) => StoreOf(image, out var own).NameOf(own);

    /// <summary>What was found, in words.</summary>
    public IReadOnlyList<string> Lines()
    {
        var lines = new List<string>();
        var copies = Check.Groups.Sum(group => group.Members.Count - 1);
        lines.Add($"{Wording.Count(copies, "copy", "copies")} of other images, stored again, mirrored or cut, in {Wording.Count(Check.Groups.Count, "group")}");
        if (Of.Network is { } network)
            lines.Add(
                $"{Wording.Count(Pairs.Count(pair => pair.IsByEmbedding), "pair")} of them by the embeddings of {network.Source.Title}, {network.Source.Size} px: cut more, in other colours or stored badly");
        if (Check.Groups.Count(IsTorn) is > 0 and var torn) lines.Add($"{Wording.Count(torn, "group")} under several classes: one of them is wrong");
        if (Stores.Count > 1)
            lines.Add(
                $"{Wording.Count(Leaks.Sum(group => group.Members.Count(image => image >= Own)), "test image")} of {Wording.Count(Stores[1].Count, "image")} also in the data: accuracy on them says little");
        var faults = Check.Faults.CountBy(each => each.Fault).ToDictionary();
        lines.Add(
            string.Join(
                ", ",
                Enum.GetValues<ImageFault>().Select(fault =>
                    FormattableString.Invariant($"{DataCheckJob.Word(fault)} {faults.GetValueOrDefault(fault):N0}")))
            + FormattableString.Invariant($", unreadable {Unreadable.Count:N0}"));
        return lines;
    }

    /// <summary>As one object: images by their names.</summary>
    public JsonObject Json() => new()
    {
        ["data"] = Stores[0].Source.Root,
        ["images"] = Own,
        ["test"] = Of.Test,
        ["testImages"] = Stores.Count > 1 ? Stores[1].Count : null,
        ["network"] = Of.Network?.Source.Facts.DeepClone(),
        ["groups"] = new JsonArray([.. Check.Groups.Select(group => new JsonObject
        {
            ["data"] = Names(group.Members.Where(image => image < Own)),
            ["test"] = Names(group.Members.Where(image => image >= Own)),
            ["likeness"] = Math.Round(group.Pairs.Min(pair => pair.Likeness), 4),
            ["mirrored"] = group.Pairs.Any(pair => pair.IsMirrored),
            ["byEmbedding"] = new JsonArray(
                [.. group.Pairs.Where(pair => pair.IsByEmbedding).Select(pair => Names([pair.First, pair.Second]))]),
            ["severalClasses"] = IsTorn(group),
        })]),
        ["faults"] = new JsonObject(Enum.GetValues<ImageFault>().Select(fault => KeyValuePair.Create<string, JsonNode?>(
            DataCheckJob.Word(fault), Names(Check.Faults.Where(each => each.Fault == fault).Select(each => each.Image))))),
        ["unreadable"] = new JsonArray([.. Unreadable.Select(line => JsonValue.Create(line))]),
        ["kept"] = Kept.Count,
    };

    /// <summary>The images that are kept as a list file in a folder; null where they have no files of their own.</summary>
    public string? ListFor(string folder)
    {
        if (Stores[0].Source is not ImageFiles files) return null;
        return string.Concat(Kept.Select(image =>
        {
            var path = Path.GetRelativePath(Path.GetFullPath(folder), Stores[0].PathOf(image));
            return Stores[0].Labels is { } labels ? $"{path}\t{files.ClassNames[labels[image]]}\n" : path + "\n";
        }));
    }

    /// <summary>Whether images of one picture are of several classes.</summary>
    private bool IsTorn(CopyGroup group) => group.Members.Select(ClassOf).Where(name => name is not null).Distinct().Count() > 1;

    private string? ClassOf(int image)
    {
        var store = StoreOf(image, out var own);
        return store.Labels is { } labels ? store.Source.ClassNames[labels[own]] : null;
    }

    private JsonArray Names(IEnumerable<int> images) => [.. images.Select(image => JsonValue.Create(NameOf(image)))];
}
