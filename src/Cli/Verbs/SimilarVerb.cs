using System.CommandLine;
using DataSsl.Cli.Similarity;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl similar</c>: how images lie to each other in a network's embeddings, in pictures.</summary>
internal static class SimilarVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var command = new Command(
            "similar",
            "Find images by a network's embeddings: the nearest of a query, the most novel, outliers, clusters; as a page of pictures.");
        foreach (var question in SimilarQuestion.All) command.Add(Question(spaces, question));
        return command;
    }

    private static Command Question(SpaceCatalogue spaces, SimilarQuestion question)
    {
        var o = new SimilarVerbOptions();
        var command = new Command(question.Name, question.Description);
        foreach (var option in (Option[])[.. o.Asking, .. question.Own, o.Show, o.Out, .. o.Running]) command.Add(option);
        command.SetAction(parsed =>
        {
            var (method, request, folder) = (question.Read(parsed), o.Read(spaces, parsed), parsed.GetValue(o.Out));
            var isJson = parsed.GetValue(o.Json);
            var result = method.Run(folder is null ? request : request with { MakeRoom = () => RunFolder.Take(folder) });
            if (isJson) Output.Json(result.Record);
            else SimilarTable.Print(result);
            if (folder is null) return 0;
            var page = Path.Combine(folder, $"similar-{method.Name}.html");
            AtomicFile.WriteText(Path.ChangeExtension(page, ".json"), IndentedJson.Of(result.Record) + "\n");
            AtomicFile.WriteText(page, result.Page());
            if (!isJson) Output.Line($"  page: {page}, the whole answer: {Path.ChangeExtension(page, ".json")}");
            return 0;
        });
        return command;
    }
}
