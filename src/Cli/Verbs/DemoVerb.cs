using System.CommandLine;
using System.Diagnostics;
using DataSsl.Cli.Demo;
using DataSsl.Cli.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Search.Candidates;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl demo</c>: the whole path on images that it paints itself.</summary>
internal static class DemoVerb
{
    private const int Size = 64;
    private const int Batch = 32;
    private static readonly string[] Budgets = ["small", "medium", "large"];

    public static Command Create(SpaceCatalogue spaces)
    {
        var @out = new Option<string>("--out") { Description = "Folder for everything that the demo makes.", DefaultValueFactory = _ => Path.Combine("out", "demo"), HelpName = "FOLDER" };
        var images = NumberOption.Of("--images", new Bounds<int>(Batch, 1_000_000) { Reason = "the demo trains in batches of that many at the least" }, 1600, "Images painted for each of the two domains.");
        var epochs = NumberOption.Of("--epochs", TrainBounds.Epochs, 10, "Training epochs.");
        var threads = Options.Threads();
        var command = new Command("demo", "Paint images of two domains, train a small supernet on one, search, emit the winners and run one: minutes on two cores.") { @out, images, epochs, threads };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            return Run(spaces, RunFolder.Take(parsed.GetValue(@out)!), parsed.GetValue(images), parsed.GetValue(epochs), CPU);
        });
        return command;
    }

    private static int Run(SpaceCatalogue spaces, string folder, int perDomain, int epochs, Device device)
    {
        var watch = Stopwatch.StartNew();
        var data = Paint(Path.Combine(folder, "images"), perDomain);
        var domain = Path.Combine(data, DemoSet.Domains[0].Domain);
        var checkpoint = Train(spaces.Find("Demo"), domain, Path.Combine(folder, "run"), epochs, device);
        var request = new SearchRequest(
            checkpoint, domain, folder, [SearchTask.Classification, SearchTask.Detection], Budgets, StrategyKind.Exhaustive, PerBudget: 0, Images: Math.Clamp(perDomain / 8, 32, 128), Size, Seed: 0);
        var result = SearchVerb.Run(spaces, request, device)!;
        SearchTable.PrintWinners(result);
        var winners = Path.Combine(folder, "winners");
        var emitted = new EmitWinners(spaces, Path.Combine(folder, SearchVerb.ResultFile)).Run(winners, "DataSsl.Models");
        DemoConsumer.Run(emitted[0], domain, Size);
        Output.Line($"""

            The demo made, in {Output.Short(watch.Elapsed)}:
              {data}  {2 * perDomain:N0} images of two domains, in folders by class
              {checkpoint}  the trained supernet
              {winners}  {emitted.Count} networks as C# classes, with their weights
              {Path.Combine(folder, SearchVerb.ResultFile)}  every score
              {Path.Combine(folder, SearchVerb.ReportFile)}  the report: open it in a browser

            Next, with your own folder of images:
              ./datassl train --space DataResNet --data YOUR_IMAGES --out runs/mine
            """);
        return 0;
    }

    /// <summary>Paints the images once; a second demo finds them.</summary>
    private static string Paint(string folder, int perDomain)
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
        return folder;
    }

    private static string Train(SearchSpace space, string data, string folder, int epochs, Device device)
    {
        RunFolder.Take(folder);
        var images = Images.Load(ImageFolder.Open(data), Size);
        var objective = new MoCoOptions(Hidden: 512, QueueLength: Math.Max(1, images.Count / 4 / Batch) * Batch, TeacherMomentum: 0.996);
        var options = new TrainOptions
        {
            Space = space.Name,
            SpaceHash = space.Hash,
            Data = data,
            DataFingerprint = images.Fingerprint,
            Size = Size,
            Batch = Batch,
            Epochs = epochs,
            Rate = 0.015,
            Seed = 0,
            Compute = "float32",
            Method = new(objective, new(OptimizerKind.Sgd, WeightDecay: 1e-4, DecayVectors: true), objective.Plan(Size), MaxFirst: 0.5),
        };
        foreach (var old in Directory.EnumerateFiles(folder, "checkpoint*.safetensors")) File.Delete(old);
        using var follower = new TrainFollower();
        using var trainer = new Trainer(space, options, images, device, folder, follower);
        follower.OpenLog(folder, trainer.Step);
        var evaluation = new OnlineEvaluation(trainer, images, null, Size, device);
        var before = evaluation.Accuracy();
        trainer.Run(new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)));
        Output.Line($"kNN accuracy of Max, without labels in training: {100 * before:0.0} % untrained, {100 * evaluation.Accuracy():0.0} % trained ({images.Source.ClassNames.Count} classes)");
        return trainer.CheckpointPath;
    }
}
