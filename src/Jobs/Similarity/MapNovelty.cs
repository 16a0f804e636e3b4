using System.Text.Json.Nodes;
using DataSsl.Dense.Heads;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Similarity;

/// <summary>
/// How strange an image's strangest position is to the positions of the reference's maps (PatchCore: Roth et al. 2022), which also tells
/// where in the image it is.
/// </summary>
/// <param name="K">Positions that the score is weighted by.</param>
/// <param name="Share">Of the positions that are drawn, how many are kept.</param>
internal sealed record MapNovelty(int K, double Share) : INovelty
{
    /// <summary>Positions of all reference images that the kept ones are chosen of, which bounds memory and time.</summary>
    public const int Drawn = 50_000;

    /// <summary>Reference images that are pictured beside an image.</summary>
    private const int Pictured = 4;

    public void MustSuit(NetworkSource source) => source.MustGiveMaps("--maps");

    public NovelScores Measure(NovelSets sets, ImageEmbedder embedder, long seed)
    {
        using var bank = Bank(sets, embedder, seed, out var columns, out var drawn);
        if (Enumerable.Range(1, bank.Count - 1).All(place => bank.OwnerOf(place) == bank.OwnerOf(0)))
            throw new UserException("--coreset: keeps positions of one image of --reference alone, which it cannot be held to; give more");
        var images = Strange(embedder, sets.Images, null, _ => bank, K);
        var own = Strange(embedder, sets.Reference, sets.Known, bank.Without, K);
        var normal = sets.Normal is { } store ? Strange(embedder, store, null, _ => bank, K) : null;
        var owners = Array.ConvertAll(images, one => one.Nearest.Select(bank.OwnerOf).Distinct().Take(Pictured).ToArray());
        var low = (float)Quantile.Of([.. own.Select(one => one.Distances.Max()).Order()], 0.5);
        var high = Math.Max(images.Max(one => one.Distances.Max()), low + 1e-6f);
        var rows = images[0].Distances.Length / columns;
        return new(
            Scores(images), Scores(own), normal is null ? null : Scores(normal),
            FormattableString.Invariant(
                $"distance of the strangest of {rows} x {columns} positions to the nearest of {bank.Count:N0}, a coreset of {drawn:N0} drawn of {Wording.Count(sets.Known.Length, "reference image")} (PatchCore, equation 7 with {K})"),
            new()
            {
                ["k"] = K,
                ["maps"] = new JsonObject { ["rows"] = rows, ["columns"] = columns, ["drawn"] = drawn, ["kept"] = bank.Count },
            },
            image => new()
            {
                ["x"] = (images[image].Position % columns + 0.5) / columns,
                ["y"] = (images[image].Position / columns + 0.5) / rows,
            },
            (image, text) => new(
                "", new(sets.Images, image, text),
                [
                    new(sets.Images, image, "where it is strange")
                    {
                        Painted = picture => HeatMap.Over(picture, images[image].Distances, columns, low, high),
                    },
                    .. owners[image].Select(place => new Picture(sets.Reference, sets.Known[place], "has what is nearest")),
                ]));
    }

    /// <summary>Positions that stand for the reference: of each image as many are drawn as of the others.</summary>
    private PositionBank Bank(NovelSets sets, ImageEmbedder embedder, long seed, out int columns, out int drawn)
    {
        using var scope = NewDisposeScope();
        var (most, image, across) = ((Drawn + sets.Known.Length - 1) / sets.Known.Length, 0, 0);
        var owners = new List<int>();
        var parts = embedder.Shown(sets.Reference, sets.Known).Features(Positions, new ProgressLine(sets.Known.Length, "images").Report);
        (columns, drawn) = (across, owners.Count);
        return PositionBank.Of(parts, [.. owners], Math.Max(1, (int)Math.Round(Share * drawn)), seed);

        Tensor Positions(Tensor batch)
        {
            var all = PositionBank.Positions(NetworkBackbone.MapsOf(embedder.Network, batch), out across);
            var chosen = new List<Tensor>();
            for (var i = 0; i < all.shape[0]; i++, image++)
            {
                var places = CounterRandom.For((ulong)seed, "positions", image).Permutation((int)all.shape[1]).Take(most).Order()
                    .Select(place => (long)place).ToArray();
                chosen.Add(all[i].index_select(0, tensor(places, device: all.device)));
                owners.AddRange(Enumerable.Repeat(image, places.Length));
            }
            return cat(chosen, 0);
        }
    }

    /// <summary>How strange some images are, each to a bank of its own.</summary>
    private static Strangeness[] Strange(ImageEmbedder embedder, ImageStore store, int[]? indices, Func<int, PositionBank?> bank, int k)
    {
        using var scope = NewDisposeScope();
        var found = new List<Strangeness>();
        var shown = embedder.Shown(store, indices);
        shown.Features(
            batch =>
            {
                var all = PositionBank.Positions(NetworkBackbone.MapsOf(embedder.Network, batch), out _);
                for (var i = 0; i < all.shape[0]; i++)
                {
                    using var inner = NewDisposeScope();
                    found.Add(bank(found.Count)!.Of(all[i], k));
                }
                return zeros(all.shape[0], 1);
            },
            new ProgressLine(shown.Count, "images").Report);
        return [.. found];
    }

    private static double[] Scores(Strangeness[] images) => Array.ConvertAll(images, one => one.Score);
}
