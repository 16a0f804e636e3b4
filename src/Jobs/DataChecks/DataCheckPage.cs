using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Curation;

namespace DataSsl.Jobs.DataChecks;

/// <summary>Pictures of the groups, then those of each fault.</summary>
internal static class DataCheckPage
{
    /// <summary>Groups and images of each kind that the page shows at most.</summary>
    private const int Shown = 100;

    /// <summary>The page as HTML.</summary>
    public static string Render(DataCheckResult result)
    {
        Picture Of(int image, string text)
        {
            var store = result.StoreOf(image, out var own);
            return new(store, own, text);
        }
        string Set(int image) => image < result.Stores[0].Count ? "" : "test: ";
        var rows = new List<PictureRow>();
        foreach (var (number, group) in result.Check.Groups.Take(Shown).Index())
            rows.Add(
                new(
                    number > 0
                        ? ""
                        : $"The same picture several times: {Wording.Count(result.Check.Groups.Count, "group")}{First(result.Check.Groups.Count)}",
                    Of(group.Members[0], $"{Set(group.Members[0])}first"),
                    [.. group.Members.Skip(1).Take(Shown).Select(image => Of(image, Set(image) + HowOf(group, image)))]));
        foreach (var kind in result.Check.Faults.GroupBy(each => each.Fault).OrderBy(kind => kind.Key))
            rows.Add(
                new(
                    $"{kind.Key}: {Wording.Count(kind.Count(), "image")}{First(kind.Count())}",
                    null, [.. kind.Take(Shown).Select(each => Of(each.Image, Set(each.Image)))]));
        return PictureRows.Page($"The images of {result.Stores[0].Source.Root}", string.Join("; ", result.Lines()), rows);

        static string First(int count) => count > Shown ? FormattableString.Invariant($", the first {Shown} are shown") : "";
    }

    /// <summary>In which way an image is like others of its group.</summary>
    private static string HowOf(CopyGroup group, int image)
    {
        var pair = group.Pairs.FirstOrDefault(each => each.Second == image) ?? group.Pairs.First(each => each.First == image);
        var rule = $"{(pair.IsMirrored ? ", mirrored" : "")}{(pair.IsByEmbedding ? ", by embeddings" : "")}";
        return string.Create(CultureInfo.InvariantCulture, $"{pair.Likeness:0.00}{rule}");
    }
}
