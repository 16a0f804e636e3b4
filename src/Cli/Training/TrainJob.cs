using System.CommandLine;
using System.Diagnostics;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Torch.Distributed;
using Spectre.Console;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>A training as asked for, from its images to its last checkpoint; in a process after the first its part of it.</summary>
/// <param name="processes">With whom it trains; null where it is alone.</param>
internal sealed class TrainJob(SpaceCatalogue spaces, TrainVerbOptions o, ParseResult parsed, Device device, ProcessGroup? processes)
{
    private readonly RunSchedule schedule = o.Schedule(parsed);
    private readonly string folder = parsed.Required(o.Out);

    /// <summary>Trains, and says what became of it.</summary>
    /// <returns>The program's exit code.</returns>
    public int Run()
    {
        ProcessMemory.KeepFreed();
        // What is wrong with it is better told before the training than after.
        var planned = TrainPlan.Read(folder);
        // One process makes the file of decoded images, the others map it.
        var inTurn = parsed.GetValue(o.Cache) is not null;
        if (inTurn && processes is { Rank: > 0 }) processes.Barrier();
        var (isFirst, resume) = (processes is not { Rank: > 0 }, parsed.GetValue(o.Resume));
        var (space, options, images, from, teacher) = resume
            ? o.Resumed(spaces, parsed, device, folder, isFirst)
            : o.Fresh(spaces, parsed, device, folder, processes?.Size ?? 1, isFirst);
        if (inTurn && processes is { Rank: 0 }) processes.Barrier();
        var test = o.TestFolder(parsed, options, images.Source) is { } given ? Images.Load(given, options.Size, options.Pixels) : null;
        using var follower = new TrainFollower();
        using var trainer = new Trainer(
            space, options, images, device, folder, follower, parsed.GetValue(o.Keep), processes, FromWeights.Filling(from, options),
            teacher);
        from?.Given.Dispose();
        if (trainer.Step > 0) Notices.Tell($"continuing after step {trainer.Step:N0} of {trainer.Steps:N0}");
        else if (resume) Notices.Tell($"{folder} holds no checkpoint yet: starting from step 0");
        if (processes is { Rank: > 0 }) return Follow(trainer, processes);
        LearntArchitecture.TellIfShort(trainer, options);
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
                Notices.Tell(
                    $"{Interrupt.Word}saved after step {trainer.Step:N0}; continue with: {NextCommand.Again("train", ["--resume", "--out", folder, .. Options.Given(parsed, [o.Cache, o.Test, .. o.Running])])}");
                processes?.Leave();
                return ExitCode(interrupt);
            }
        }
        var learnt = trainer.Model.Learner is null ? null : LearntArchitecture.Keep(trainer, options, folder);
        var outcome = new TrainOutcome(trainer, options, images, test, firstStep, watch.Elapsed, follower, learnt);
        if (parsed.GetValue(o.Json)) Output.Json(outcome.ToJson());
        else outcome.Print(planned);
        processes?.Leave();
        return 0;
    }

    /// <summary>A process after the first: it computes its part and says nothing.</summary>
    private int Follow(Trainer trainer, ProcessGroup group)
    {
        using var interrupt = new Interrupt();
        trainer.Run(schedule, interrupt.Token);
        group.Leave();
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
}
