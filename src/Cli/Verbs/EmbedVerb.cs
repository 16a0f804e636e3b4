using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Similarity;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Similarity;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl embed</c>: the embeddings of a folder of images, in a file that other programs read.</summary>
internal static class EmbedVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SimilarVerbOptions();
        var command = new Command("embed", "Write the embeddings of images and their paths into a file, to search, sort or learn from.");
        foreach (var option in (Option[])[.. o.Asking, o.File, .. o.Running]) command.Add(option);
        command.SetAction(parsed =>
        {
            var file = EmbeddingFile.Of(parsed.Required(o.File));
            var request = o.Read(spaces, parsed) with { MakeRoom = file.MakeRoom };
            var listed = request.List(request.Data);
            file.Check(listed.Names);
            var images = request.Load(listed);
            var paths = Enumerable.Range(0, images.Count).Select(images.PathOf).ToArray();
            using var scope = NewDisposeScope();
            using var embedder = request.Embedder(images);
            var vectors = embedder.Embed(images);
            file.Write(paths, vectors);
            var facts = request.Facts(embedder, ("data", images));
            (facts["file"], facts["paths"], facts["shape"]) =
                (file.Path, file.Beside, new JsonArray(vectors.shape[0], vectors.shape[1]));
            if (parsed.GetValue(o.Json)) Output.Json(facts);
            else
                Output.Line(
                    $"{file.Path}: {Wording.Count(images.Count, "embedding")} of {vectors.shape[1]:N0} numbers by {request.Source.Title}, {request.Source.Size} px; BatchNorm: {embedder.BatchNorm}{(file.Beside is { } list ? $"; paths in {list}" : "")}");
            return 0;
        });
        return command;
    }
}
