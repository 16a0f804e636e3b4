using System.Text.Json.Nodes;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;

namespace DataSsl.Jobs.Similarity;

/// <summary>What is known, and what is held against it.</summary>
/// <param name="Reference">What is known.</param>
/// <param name="Known">Which of its images count: copies do not.</param>
/// <param name="Images">What is asked about.</param>
/// <param name="Normal">More of the reference's kind; null for none.</param>
internal sealed record NovelSets(ImageStore Reference, int[] Known, ImageStore Images, ImageStore? Normal);

/// <summary>How strange images are to a reference.</summary>
/// <param name="Images">Of each image that is asked about.</param>
/// <param name="Own">Of each that counts in the reference, left out of it.</param>
/// <param name="Normal">Of each normal one.</param>
/// <param name="What">What the score is, in words.</param>
/// <param name="Facts">What the record has besides.</param>
/// <param name="Of">What the record has of an image besides; null for nothing.</param>
/// <param name="Row">An image in pictures, with what is said of it.</param>
internal sealed record NovelScores(
    double[] Images, double[] Own, double[]? Normal, string What, JsonObject Facts, Func<int, JsonObject>? Of,
    Func<int, string, PictureRow> Row);

/// <summary>A score of how strange images are to a reference.</summary>
internal interface INovelty
{
    /// <summary>Refuses a network that it cannot ask.</summary>
    void MustSuit(NetworkSource source);

    NovelScores Measure(NovelSets sets, ImageEmbedder embedder, long seed);
}
