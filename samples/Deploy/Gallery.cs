using System.Globalization;

namespace Deploy;

/// <summary>Images that are known: a folder of them, or one sub-folder a class.</summary>
internal sealed class Gallery
{
    private static readonly string[] Formats = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".ppm"];

    /// <summary>Neighbours that vote.</summary>
    private const int Neighbours = 5;

    private readonly List<(string Name, string Label, float[] Direction)> known;

    public Gallery(IEmbedder network, string folder)
    {
        known =
        [
            .. Files(folder)
                .Select(
                    path =>
                        (Path.GetRelativePath(folder, path), Path.GetDirectoryName(Path.GetRelativePath(folder, path))!,
                            Direction(network, path))),
        ];
        if (known.Count == 0) throw new InvalidDataException($"{folder}: holds no images");
    }

    /// <summary>The images of a folder and of those in it, by name.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Formats.Contains(Path.GetExtension(path).ToLowerInvariant())).Order(StringComparer.Ordinal);

    /// <summary>The class that the nearest images vote for, each with its cosine, where there are classes; and the nearest.</summary>
    public string Answer(IEmbedder network, string path)
    {
        var query = Direction(network, path);
        var nearest = known.Select(k => (k.Name, k.Label, Cosine: Dot(k.Direction, query))).OrderByDescending(k => k.Cosine)
            .Take(Neighbours).ToList();
        var (name, _, cosine) = nearest[0];
        var label = nearest.GroupBy(n => n.Label).MaxBy(votes => votes.Sum(n => n.Cosine))!;
        var vote = label.Key.Length == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{label.Key} ({label.Count()} of {nearest.Count}), ");
        return vote + string.Create(CultureInfo.InvariantCulture, $"nearest {name} ({cosine:0.000})");
    }

    /// <summary>An image's embedding at length 1.</summary>
    private static float[] Direction(IEmbedder network, string path)
    {
        var (rgb, width, height) = Photo.Read(path);
        var embedding = network.Embed(rgb, width, height);
        var length = MathF.Sqrt(Dot(embedding, embedding));
        return Array.ConvertAll(embedding, value => value / length);
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
