using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;

namespace DataSsl.Jobs.Similarity;

/// <summary>An answer of <c>similar</c>.</summary>
/// <param name="Title">What was asked, and of which images.</param>
/// <param name="Note">How it was reckoned.</param>
/// <param name="Lines">The beginning of the answer as text.</param>
/// <param name="Rows">The same in pictures.</param>
/// <param name="Record">All of it.</param>
internal sealed record SimilarResult(
    string Title, string Note, IReadOnlyList<string> Lines, IReadOnlyList<PictureRow> Rows, JsonObject Record)
{
    /// <summary>The page as HTML.</summary>
    public string Page() => PictureRows.Page(Title, Note, Rows);
}
