using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Similarity;
using DataSsl.Runtime;

namespace DataSsl.Cli.Similarity;

/// <summary>A question of <c>similar</c> as the command line asks it.</summary>
/// <param name="Own">Its options.</param>
/// <param name="Read">The method that they ask for.</param>
internal sealed record SimilarQuestion(string Name, string Description, IReadOnlyList<Option> Own, Func<ParseResult, SimilarMethod> Read)
{
    /// <summary>Neighbours of a score where nobody says.</summary>
    private const int ScoreNeighbours = 5;

    /// <summary>Every question, with options of its own.</summary>
    public static IReadOnlyList<SimilarQuestion> All => [Nearest(), Novel(), Outliers(), Clusters()];

    private static SimilarQuestion Nearest()
    {
        var query = new Option<string[]>("--query")
        {
            Description = "The image to find others like; may be given more than once.",
            HelpName = "FILE",
        };
        var k = NumberOption.Of("--k", Options.Count, 10, "Images that are found for each.");
        return new(
            "nearest", "Find the images that are most like a query, by the cosine of their embeddings; none is missed.", [query, k],
            parsed => new NearestMethod(parsed.Required(query), parsed.GetValue(k)));
    }

    private static SimilarQuestion Novel()
    {
        var reference = new Option<string>("--reference")
        {
            Description = "Images of what is known: anything that --data takes.",
            HelpName = "PATH",
        };
        var normal = new Option<string>("--normal")
        {
            Description = "More images of what is known, which --reference does not have: tells how well the score parts --data from them "
                + "(AUROC).",
            HelpName = "PATH",
        };
        var maps = new Option<bool>("--maps")
        {
            Description = "Score each image by its strangest position in the network's maps (PatchCore), and picture where it is: for what "
                + "is small in the image.",
        };
        var coreset = new Option<string>("--coreset")
        {
            Description = FormattableString.Invariant(
                $"With --maps, the share that is kept of {MapNovelty.Drawn:N0} positions drawn of --reference, spread as far as may be."),
            DefaultValueFactory = _ => "10%",
            HelpName = "N%",
        };
        var k = NumberOption.Of(
            "--k", Options.Count, ScoreNeighbours,
            "Nearest images that the score is the mean cosine distance to; with --maps, positions that the distance is weighted by.");
        return new(
            "novel", "Rank the images of --data by how far they lie from the nearest of --reference.",
            [reference, normal, maps, coreset, k], parsed =>
        {
            if (!parsed.GetValue(maps) && parsed.IsGiven(coreset)) throw new UserException($"{coreset.Name} goes with {maps.Name}");
            return new NovelMethod(
                parsed.Required(reference), parsed.GetValue(normal),
                parsed.GetValue(maps)
                    ? new MapNovelty(parsed.GetValue(k), EvaluateVerbOptions.Share(parsed.GetValue(coreset)!, coreset.Name))
                    : new ImageNovelty(parsed.GetValue(k)));
        });
    }

    private static SimilarQuestion Outliers()
    {
        var k = Neighbours();
        return new("outliers", "Rank images by how far each lies from the nearest of the others.", [k], parsed =>
            new OutliersMethod(parsed.GetValue(k)));
    }

    private static SimilarQuestion Clusters()
    {
        var count = NumberOption.Of("--clusters", Options.Count, 10, "Groups to make.");
        return new(
            "clusters", "Group like images (k-means on embeddings of length 1).", [count],
            parsed => new ClustersMethod(parsed.GetValue(count)));
    }

    private static Option<int> Neighbours() => NumberOption.Of(
        "--k", Options.Count, ScoreNeighbours, "Nearest images that the score is the mean cosine distance to.");
}
