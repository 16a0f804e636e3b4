using System.CommandLine;
using System.Diagnostics;
using DataSsl.Cli.Terminal;
using DataSsl.Demo;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Demo;

/// <summary>The whole path on images that <see cref="DemoSet"/> paints, by the commands that a user would give.</summary>
/// <param name="perDomain">Images painted of each domain.</param>
/// <param name="domain">The one that is learnt.</param>
/// <param name="given">Options that every command takes.</param>
internal sealed class DemoJob(SpaceCatalogue spaces, string folder, string domain, int perDomain, int epochs, string[] given)
{
    /// <summary>Images a step.</summary>
    private const int Batch = 64;

    private const int Size = 64;

    /// <summary>A quarter and half of the multiply-accumulates of ImageNet's ResNet18, at this size.</summary>
    private const string Quarter = "41-42M", Half = "83-84M";

    /// <summary>How training begins.</summary>
    private static readonly string[] beginning =
        ["--space", "AroundResNet18", "--from", "imagenet-resnet18", "--teacher", "imagenet-resnet18"];

    /// <summary>Runs the commands until one fails.</summary>
    /// <param name="run">Runs a verb with its words.</param>
    /// <returns>The exit code of the last.</returns>
    public int Run(Func<IReadOnlyList<string>, int> run)
    {
        var watch = Stopwatch.StartNew();
        foreach (var (what, verb, words) in Commands())
        {
            string[] all = [.. words, .. given];
            Output.Line($"\n{what}\n  {NextCommand.Of(verb, all)}\n");
            if (run([verb, .. all]) is not 0 and var code) return code;
        }
        Tell(watch.Elapsed);
        return 0;
    }

    /// <summary>What leads from images to a verdict, each command when the one before it has ended well.</summary>
    private IEnumerable<(string What, string Verb, string[] Words)> Commands()
    {
        var (images, run, result) = (Path.Combine(folder, "images"), Path.Combine(folder, "run"), Path.Combine(folder, SearchFiles.Result));
        var (train, test) = (DemoSet.Folder(images, domain, isTest: false), DemoSet.Folder(images, domain, isTest: true));
        Paint(images);
        // A demo begins anew; its images stay.
        if (Directory.Exists(run))
            foreach (var old in Directory.EnumerateFiles(run, "checkpoint*.safetensors")) File.Delete(old);
        yield return (
            "Train: a supernet starts as ResNet18 of ImageNet, and all of its networks learn from that one how these images relate. No "
                + "label is used.",
            "train",
            [
                .. beginning, "--data", train, "--size", Wording.Number(Size), "--batch", Wording.Number(Batch), "--epochs",
                Wording.Number(epochs), "--out", run,
            ]);
        yield return (
            "Search: every network of a quarter and of half of ResNet18's multiply-accumulates, by how near it comes to the largest; still "
                + "without labels.",
            "search",
            [
                "--checkpoint", run, "--data", train, "--tasks", "classification,detection", "--budgets", $"{Quarter},{Half}", "--images",
                Wording.Number(Math.Clamp(perDomain / 8, 32, 128)),
                "--compare-domain", DemoSet.Folder(images, DemoSet.Other(domain), isTest: false), "--out", folder,
            ]);
        yield return ("Emit: each winner becomes a C# class with its weights, proven to be what was searched.", "emit",
            ["--search", result, "--out", Path.Combine(folder, "winners")]);
        var winner = Path.Combine(
            folder,
            SearchedResult.Read(spaces, result).Result.Winners.Single(w => w is { Task: "classification", Budget: Half }).SourceFile!);
        DemoConsumer.Run(winner, test, Size);
        yield return (
            "Verdict: is the winner of half the cost worth having? On images that nothing was learnt from, with the labels of a tenth of "
                + "the others; a linear probe decides.",
            "verdict",
            [
                "--winner", winner, "--data", train, "--test", test, "--methods", "knn,linear", "--shares", "10%", "--by", "linear",
                "--out", folder,
            ]);
    }

    /// <summary>Paints the images once; a second demo finds them.</summary>
    private void Paint(string images)
    {
        var plan = DemoSet.Plan(perDomain);
        var missing = plan.Where(entry => !File.Exists(Path.Combine(images, entry.RelativePath))).ToList();
        if (missing.Count > 0) Notices.Tell($"painting {missing.Count:N0} images into {images}");
        Workers.For(missing.Count, Environment.ProcessorCount, i =>
        {
            var path = Path.Combine(images, missing[i].RelativePath);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            ImageFile.Save(path, missing[i].Render());
        });
    }

    private void Tell(TimeSpan took) => Output.Line($"""

        The demo made, in {Wording.Short(took)}:
          {Path.Combine(folder, "images")}  {2 * perDomain:N0} images of two domains, in folders by class
          {Path.Combine(folder, "run")}  the trained supernet
          {Path.Combine(folder, "winners")}  the winners as C# classes, with their weights
          {Path.Combine(folder, SearchFiles.Result)}  every score
          {Path.Combine(folder, VerdictReportJson.FileName)}  every figure of the verdict
          {Path.Combine(folder, SearchFiles.Report)}  the report, with the verdict: open it in a browser

        Next, with your own folder of images:
          {NextCommand.Of("train", [.. beginning, "--data", "YOUR_IMAGES", "--out", "runs/mine"])}
        """);
}
