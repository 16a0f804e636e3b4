using System.CommandLine;
using System.Diagnostics;
using DataSsl.Cli.Demo;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl demo</c>: the whole path on images that it paints itself, by the commands that a user would give.</summary>
internal static class DemoVerb
{
    private const int Size = 64;
    private const int Batch = 64;

    /// <summary>A quarter and half of the multiply-accumulates of ImageNet's ResNet18, at this size.</summary>
    private const string Quarter = "41-42M", Half = "83-84M";

    /// <param name="run">Runs a command within the command line that it is given.</param>
    public static Command Create(SpaceCatalogue spaces, Func<Command, IReadOnlyList<string>, int> run)
    {
        var @out = new Option<string>("--out")
        {
            Description = "Folder for everything that the demo makes.",
            DefaultValueFactory = _ => Path.Combine("out", "demo"),
            HelpName = "FOLDER",
        };
        var images = NumberOption.Of(
            "--images",
            new Bounds<int>(96, 1_000_000)
            {
                Reason = $"a quarter is kept to test on, and the demo trains in batches of {Batch} of the others",
            },
            1600, "Images painted for each of the two domains.");
        var epochs = NumberOption.Of("--epochs", TrainBounds.Epochs, 5, "Training epochs.");
        var domain = new Option<string>("--domain")
        {
            Description = $"The domain that is learnt: {string.Join(" or ", DemoSet.Domains.Select(d => d.Domain))}.",
            DefaultValueFactory = _ => "cells",
            HelpName = "NAME",
        };
        var threads = Options.Threads();
        var command = new Command(
            "demo",
            "Paint images of two domains, train a supernet on one from ImageNet's weights, search, emit the winners, use one, and tell "
                + "whether it is worth having: minutes on two cores.")
            {
                @out,
                images,
                epochs,
                domain,
                threads,
            };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var learnt = parsed.GetValue(domain)!;
            if (DemoSet.Domains.All(d => d.Domain != learnt))
                throw new UserException($"--domain {learnt}: give {string.Join(" or ", DemoSet.Domains.Select(d => d.Domain))}");
            var folder = RunFolder.Take(parsed.GetValue(@out)!);
            var (watch, count, given) = (Stopwatch.StartNew(), parsed.GetValue(images), NextCommand.Given(parsed, threads).ToArray());
            foreach (var (what, verb, words) in Commands(spaces, folder, learnt, count, parsed.GetValue(epochs)))
            {
                string[] all = [.. words, .. given];
                Output.Line($"\n{what}\n  {NextCommand.Of(verb, all)}\n");
                if (run(parsed.RootCommandResult.Command, [verb, .. all]) is not 0 and var code) return code;
            }
            Tell(folder, 2 * count, watch.Elapsed);
            return 0;
        });
        return command;
    }

    /// <summary>What leads from images to a verdict, each command when the one before it has ended well.</summary>
    private static IEnumerable<(string What, string Verb, string[] Words)> Commands(
        SpaceCatalogue spaces, string folder, string domain, int perDomain, int epochs)
    {
        var (images, run, result) = (Path.Combine(folder, "images"), Path.Combine(folder, "run"), Path.Combine(folder, SearchFiles.Result));
        var (train, test) = (DemoSet.Folder(images, domain, isTest: false), DemoSet.Folder(images, domain, isTest: true));
        Paint(images, perDomain);
        // A demo begins anew; its images stay.
        if (Directory.Exists(run))
            foreach (var old in Directory.EnumerateFiles(run, "checkpoint*.safetensors")) File.Delete(old);
        yield return (
            "Train: a supernet starts as ResNet18 of ImageNet, and all of its networks learn from that one how these images relate. No "
                + "label is used.",
            "train",
            [
                "--space", "AroundResNet18", "--from", "imagenet-resnet18", "--teacher", "imagenet-resnet18", "--data", train, "--size",
                Output.Number(Size), "--batch", Output.Number(Batch), "--epochs", Output.Number(epochs), "--out", run,
            ]);
        yield return (
            "Search: every network of a quarter and of half of ResNet18's multiply-accumulates, by how near it comes to the largest; still "
                + "without labels.",
            "search",
            [
                "--checkpoint", run, "--data", train, "--tasks", "classification,detection", "--budgets", $"{Quarter},{Half}", "--images",
                Output.Number(Math.Clamp(perDomain / 8, 32, 128)),
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
    private static void Paint(string folder, int perDomain)
    {
        var plan = DemoSet.Plan(perDomain);
        var missing = plan.Where(entry => !File.Exists(Path.Combine(folder, entry.RelativePath))).ToList();
        if (missing.Count > 0) Output.Progress($"painting {missing.Count:N0} images into {folder}");
        Workers.For(missing.Count, Environment.ProcessorCount, i =>
        {
            var path = Path.Combine(folder, missing[i].RelativePath);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            ImageFile.Save(path, missing[i].Render());
        });
    }

    private static void Tell(string folder, int images, TimeSpan took) => Output.Line($"""

        The demo made, in {Output.Short(took)}:
          {Path.Combine(folder, "images")}  {images:N0} images of two domains, in folders by class
          {Path.Combine(folder, "run")}  the trained supernet
          {Path.Combine(folder, "winners")}  the winners as C# classes, with their weights
          {Path.Combine(folder, SearchFiles.Result)}  every score
          {Path.Combine(folder, VerdictReportJson.FileName)}  every figure of the verdict
          {Path.Combine(folder, SearchFiles.Report)}  the report, with the verdict: open it in a browser

        Next, with your own folder of images:
          ./datassl train --space AroundResNet18 --from imagenet-resnet18 --teacher imagenet-resnet18 --data YOUR_IMAGES --out runs/mine
        """);
}
