using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Launch;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Cli.Training;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using Spectre.Console;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl train</c>: a supernet, or a single network, without labels.</summary>
internal static class TrainVerb
{
    public const string Name = "train";

    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new TrainVerbOptions();
        var command = new Command(Name, "Train a supernet (DATA, Algorithm 1) or a single network without labels on a folder of images.");
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed => Run(spaces, o, parsed));
        return command;
    }

    private static int Run(SpaceCatalogue spaces, TrainVerbOptions o, ParseResult parsed)
    {
        using var processes = TrainProcesses.Join();
        Options.SetThreads(parsed, o.Threads);
        var schedule = o.Schedule(parsed);
        var device = TrainProcesses.FindDevice(parsed.GetValue(o.Device)!, processes);
        var folder = parsed.Required(o.Out);
        var resume = parsed.GetValue(o.Resume);
        // What is wrong with it is better told before the training than after.
        var planned = TrainPlan.Read(folder);
        // One process makes the file of decoded images, the others map it.
        var inTurn = parsed.GetValue(o.Cache) is not null;
        if (inTurn && processes is { Rank: > 0 }) processes.Barrier();
        var isFirst = processes is not { Rank: > 0 };
        var (space, options, images, from, teacher) = resume
            ? o.Resumed(spaces, parsed, device, folder, isFirst)
            : o.Fresh(spaces, parsed, device, folder, processes?.Size ?? 1, isFirst);
        if (inTurn && processes is { Rank: 0 }) processes.Barrier();
        var test = o.TestFolder(parsed, images.Source) is { } given ? Images.Load(given, options.Size) : null;
        using var follower = new TrainFollower();
        using var trainer = new Trainer(
            space, options, images, device, folder, follower, parsed.GetValue(o.Keep), processes, FromWeights.Filling(from, options),
            teacher);
        from?.Given.Dispose();
        if (trainer.Step > 0) Output.Progress($"continuing after step {trainer.Step:N0} of {trainer.Steps:N0}");
        else if (resume) Output.Progress($"{folder} holds no checkpoint yet: starting from step 0");
        if (processes is { Rank: > 0 }) return Follow(processes, trainer, schedule);
        AtomicFile.WriteText(Path.Combine(folder, RecipeText.FileName), RecipeText.Of(options));
        follower.OpenLog(folder, trainer.Step);
        follower.Evaluation = OnlineEvaluation.Of(trainer, images, test, options.Size, device, linear: parsed.GetValue(o.OnlineProbe));
        var (firstStep, watch) = (trainer.Step, Stopwatch.StartNew());
        // Signals end the program again as soon as there is nothing left to save.
        using (var interrupt = new Interrupt())
        {
            Show(follower, () => trainer.Run(schedule, interrupt.Token));
            if (interrupt.ExitCode != 0 || trainer.Step < trainer.Steps)
            {
                Output.Progress(
                    $"{Interrupt.Word}saved after step {trainer.Step:N0}; continue with: {NextCommand.Again("train", ["--resume", "--out", folder, .. NextCommand.Given(parsed, [o.Cache, o.Test, .. o.Running])])}");
                processes?.Leave();
                return ExitCode(interrupt);
            }
        }
        watch.Stop();
        var knn = follower.Evaluation?.Accuracy();
        var of = test is null ? "the training folder, leaving one out" : test.Source.Root;
        if (parsed.GetValue(o.Json)) Output.Json(Summary());
        else
        {
            var what = trainer.Model.Networks.Only is { } only ? $"{only} of {options.Space}" : options.Space;
            var steps = trainer.Steps - firstStep;
            if (steps == 0)
                Output.Line(
                    $"nothing to train: {what} with {options.Method.Objective.Name} has all of its {Output.Count(trainer.Steps, "step")}: {trainer.CheckpointPath}; for more give --epochs above {options.Epochs}");
            else
                Output.Line(
                    $"trained {what} with {options.Method.Objective.Name} for {Output.Count(steps, "step")}{(firstStep > 0 ? FormattableString.Invariant($", {trainer.Steps:N0} in all") : "")}: {trainer.CheckpointPath}");
            if (planned is { } plan && trainer.Step > firstStep) Output.Line($"{plan.Against(trainer.Step - firstStep, watch.Elapsed)}");
            if (knn is { } accuracy)
                Output.Line($"kNN accuracy{(trainer.Model.Networks.Only is null ? " of Max" : "")} on {of}: {100 * accuracy:0.0} %");
            Output.Line($"next: {(trainer.Model.Networks.Only is null
                ? NextCommand.Of(
                    "search", "--checkpoint", trainer.CheckpointPath, "--data", options.Data, "--budgets", BudgetExample(trainer.Groups),
                    "--out", folder)
                : NextCommand.Of(
                    "evaluate linear", "--checkpoint", trainer.CheckpointPath, "--data",
                    images.Labels is null ? "LABELLED_IMAGES" : options.Data))}");
        }
        processes?.Leave();
        return 0;

        JsonObject Summary() => new()
        {
            ["space"] = options.Space,
            ["checkpoint"] = trainer.CheckpointPath,
            ["steps"] = trainer.Steps,
            ["stepsOfThisCommand"] = trainer.Steps - firstStep,
            ["firstLoss"] = follower.Losses is [var first, ..] ? first : null,
            ["lastLoss"] = follower.Losses is [.., var last] ? last : null,
            ["knnAccuracy"] = knn,
            ["knnOn"] = knn is null ? null : of,
        };
    }

    /// <summary>A process after the first: it computes its part and says nothing.</summary>
    private static int Follow(ProcessGroup processes, Trainer trainer, RunSchedule schedule)
    {
        using var interrupt = new Interrupt();
        trainer.Run(schedule, interrupt.Token);
        processes.Leave();
        return trainer.Step < trainer.Steps ? ExitCode(interrupt) : 0;
    }

    /// <summary>Of an interrupted run; where the signal went to another process, SIGTERM's.</summary>
    private static int ExitCode(Interrupt interrupt) => interrupt.ExitCode == 0 ? 143 : interrupt.ExitCode;

    /// <summary>Runs with the live table where somebody sees it, with plain lines elsewhere.</summary>
    private static void Show(TrainFollower follower, Action run)
    {
        if (Console.IsErrorRedirected)
        {
            run();
            return;
        }
        TerminalDisplay.Run(AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) }), display =>
        {
            follower.Display = display;
            run();
        });
        follower.Display = new PlainDisplay();
    }

    /// <summary>A budget that the space can meet: around its median, in the unit that fits.</summary>
    private static string BudgetExample(SizeGroups groups)
    {
        var macs = groups.MiddleMacs;
        var (unit, letter) = macs >= 1_000_000_000 ? (1e9, 'G') : (1e6, 'M');
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(macs / unit)}-{Math.Floor(macs / unit) + 1}{letter}");
    }
}
