using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl train</c>: MoCo v2 on a supernet.</summary>
internal static class TrainVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new TrainVerbOptions();
        var command = new Command("train", "Train a supernet without labels on a folder of images (MoCo v2; DATA, Algorithm 1).");
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed => Run(spaces, o, parsed));
        return command;
    }

    private static int Run(SpaceCatalogue spaces, TrainVerbOptions o, ParseResult parsed)
    {
        Options.SetThreads(parsed, o.Threads);
        var (saveEvery, reportEvery) = (TrainVerbOptions.Seconds(parsed, o.SaveEvery), TrainVerbOptions.Seconds(parsed, o.ReportEvery));
        var device = Options.FindDevice(parsed.GetValue(o.Device)!);
        var folder = parsed.Required(o.Out);
        var resume = parsed.GetValue(o.Resume);
        var (space, options, images) = resume ? o.Resumed(spaces, parsed, folder) : o.Fresh(spaces, parsed, device, folder);
        var test = o.TestFolder(parsed, images.Source);
        using var trainer = new Trainer(space, options, images, device, folder);
        if (trainer.Step > 0) Output.Progress($"continuing after step {trainer.Step:N0} of {trainer.Steps:N0}");
        else if (resume) Output.Progress($"{folder} holds no checkpoint yet: starting from step 0");
        var losses = new List<double>();
        // Signals end the program again as soon as there is nothing left to save.
        using (var interrupt = new Interrupt())
        {
            trainer.Run(Report, reportEvery, saveEvery, interrupt.Token);
            if (interrupt.ExitCode != 0)
            {
                Output.Progress($"interrupted: saved after step {trainer.Step:N0}; continue with 'datassl train --resume --out {folder}'");
                return interrupt.ExitCode;
            }
        }
        var knn = Knn(trainer, images, options, test, device);
        if (parsed.GetValue(o.Json)) Output.Json(Summary());
        else
        {
            Output.Line($"trained {options.Space} for {trainer.Steps:N0} steps: {trainer.CheckpointPath}");
            if (knn is { } k) Output.Line($"kNN accuracy of Max on {k.Of}: {100 * k.Accuracy:0.0} %");
            Output.Line($"next: datassl search --checkpoint {trainer.CheckpointPath} --data {options.Data} --budgets 2-3G,3-4G --out {folder}");
        }
        return 0;

        void Report(TrainProgress p)
        {
            losses.Add(p.Loss);
            Output.Progress($"epoch {p.Epoch}/{p.Epochs}  step {p.Step}/{p.Steps}  loss {p.Loss:0.000} (max {p.Losses[0]:0.000})  lr {p.Rate:0.0000}  {p.ImagesPerSecond:0} images/s  {Output.Short(p.Remaining)} left");
        }

        JsonObject Summary() => new()
        {
            ["space"] = options.Space,
            ["checkpoint"] = trainer.CheckpointPath,
            ["steps"] = trainer.Steps,
            ["firstLoss"] = losses is [var first, ..] ? first : null,
            ["lastLoss"] = losses is [.., var last] ? last : null,
            ["knnAccuracy"] = knn?.Accuracy,
            ["knnOn"] = knn?.Of,
        };
    }

    /// <summary>Accuracy on a labelled test folder, or by leaving one out where only the training folder has classes.</summary>
    private static (double Accuracy, string Of)? Knn(Trainer trainer, ImageStore images, TrainOptions options, ImageSource? test, Device device)
    {
        if (images.Labels is null) return null;
        var net = trainer.Model.Networks.Student;
        var embedder = new Embedder(net, net.SearchSpace.Max, options.Size, device);
        using var scope = NewDisposeScope();
        var bank = embedder.Embed(images);
        if (test is null) return (KnnClassifier.Accuracy(bank, images.Labels), "the training folder, leaving one out");
        var queries = Images.Load(test, options.Size);
        return (KnnClassifier.Accuracy(bank, images.Labels, embedder.Embed(queries, images), queries.Labels), test.Root);
    }
}
