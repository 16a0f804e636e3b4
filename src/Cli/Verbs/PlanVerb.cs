using System.CommandLine;
using System.Diagnostics;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Cli.Training;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan</c>: what a training run will take, before it is begun.</summary>
internal static class PlanVerb
{
    /// <summary>Images that a foreign teacher is timed on.</summary>
    private const int TeacherImages = 2 * ForeignTeacher.Batch;

    public const string Name = "plan";

    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new TrainVerbOptions();
        var probe = NumberOption.Of("--probe", Options.Seconds, 30, "Seconds to train for as a trial, in a temporary folder.", "SECONDS");
        var @out = new Option<string>("--out") { Description = "Folder of the run to come: the plan is kept there, and 'datassl train' compares it with the fact.", HelpName = "FOLDER" };
        var command = new Command(Name, "Tell the hours, memory and disk that 'datassl train' with the same options will take on this machine.");
        foreach (var option in o.Deciding) command.Add(option);
        command.Add(PlanSearchVerb.Create(spaces));
        command.Add(PlanVerdictVerb.Create(spaces));
        foreach (var option in new Option[] { o.SaveEvery, o.Keep, probe, @out, o.Device, o.Threads, o.Json }) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var device = Options.FindDevice(parsed.GetValue(o.Device)!);
            var seconds = parsed.GetValue(probe);
            var saveEvery = parsed.GetValue(o.SaveEvery);
            var keep = parsed.GetValue(o.Keep);
            var loading = Stopwatch.StartNew();
            var (space, options, images, from, teacher) = o.Fresh(spaces, parsed, device, parsed.GetValue(@out));
            using var given = from?.Given;
            var decoded = loading.Elapsed.TotalSeconds;
            var plan = Plan(space, options, Whole(space, options, images, from, teacher, device, seconds), decoded, saveEvery, keep);
            if (parsed.GetValue(@out) is { } folder) plan.Write(folder);
            if (parsed.GetValue(o.Json)) Console.Out.WriteLine(plan.ToJson());
            else Print(plan, options);
            return 0;
        });
        return command;
    }

    private static TrainPlan Plan(SearchSpace space, TrainOptions options, Trial trial, double decoded, double saveEvery, int keep)
    {
        var training = trial.Steps * trial.SecondsPerStep;
        var saves = Math.Min(trial.Steps, 1 + (saveEvery > 0 ? training / saveEvery : trial.Steps));
        return new(
            trial.Steps, trial.SecondsPerStep, decoded + trial.TeacherSeconds + training + saves * trial.SaveSeconds, options.Method.MacsPerImage(space, (ulong)options.Seed) + trial.TeacherMacs, trial.Parameters, ProcessMemory.PeakBytes(),
            (keep + 1) * trial.CheckpointBytes + trial.TeacherBytes);
    }

    private static void Print(TrainPlan plan, TrainOptions options)
    {
        Output.Line($"{options.Space} on {options.Data}, {options.Size} px, batch {options.Batch}, {Output.Count(options.Epochs, "epoch")}{(options.From is { } origin ? $", from {origin.Weights}" : "")}{(options.Teacher is { } teacher ? $", under {teacher}" : "")}");
        Output.Line($"  work    {Output.Count(plan.Steps, "step")} of {plan.MacsPerImage * options.Batch / 1e9:0.0} GMACs; {plan.Parameters:N0} parameters");
        Output.Line($"  time    {Output.Short(TimeSpan.FromSeconds(plan.Seconds))} at {plan.SecondsPerStep:0.000} s a step ({options.Batch / plan.SecondsPerStep:0} images/s)");
        Output.Line($"  memory  {plan.PeakBytes / 1048576.0:N0} MiB");
        Output.Line($"  disk    {plan.DiskBytes / 1048576.0:N0} MiB of checkpoints");
    }

    /// <param name="TeacherSeconds">For a foreign teacher to embed all images before the training.</param>
    /// <param name="TeacherBytes">Of the file that keeps what it said.</param>
    /// <param name="TeacherMacs">Its multiply-accumulates for one image in one step.</param>
    private sealed record Trial(long Steps, double SecondsPerStep, double SaveSeconds, long CheckpointBytes, long Parameters, double TeacherSeconds, long TeacherBytes, long TeacherMacs);

    /// <summary>A trial of the steps of all students, and one of those of Max alone where the run begins with such.</summary>
    private static Trial Whole(SearchSpace space, TrainOptions options, ImageStore images, FromWeights? from, TeacherSource? teacher, Device device, double seconds)
    {
        var share = options.Method.MaxFirst;
        var all = Probe(space, With(0), images, from, teacher, device, share > 0 ? seconds / 2 : seconds);
        return share > 0 ? all with { SecondsPerStep = (1 - share) * all.SecondsPerStep + share * Probe(space, With(1), images, from, teacher, device, seconds / 2).SecondsPerStep } : all;

        TrainOptions With(double maxFirst) => options with { Method = options.Method with { MaxFirst = maxFirst } };
    }

    /// <summary>Trains for real in a folder that goes away, so that the figures are those of the very code that will run.</summary>
    private static Trial Probe(SearchSpace space, TrainOptions options, ImageStore images, FromWeights? from, TeacherSource? teacher, Device device, double seconds)
    {
        var folder = Directory.CreateTempSubdirectory("datassl-plan-").FullName;
        try
        {
            var clock = new StepClock(seconds);
            using var trainer = new Trainer(space, options, images, device, folder, clock, start: FromWeights.Filling(from, options), teacher: teacher is null ? null : teacher with { Most = TeacherImages });
            trainer.Run(new(TimeSpan.Zero, TimeSpan.MaxValue), clock.Stop.Token);
            var saving = Stopwatch.StartNew();
            trainer.Save();
            return new(
                trainer.Steps, clock.Median, saving.Elapsed.TotalSeconds, new FileInfo(trainer.CheckpointPath).Length,
                trainer.Model.Networks.StudentWeights.Slots.Sum(slot => slot.Count), trainer.TeacherSeconds ?? 0,
                options.Teacher is { Views: TeacherViews.Clean } clean ? (long)images.Count * clean.Dimension * sizeof(float) : 0, teacher is null ? 0 : MacsOfViews(options, teacher));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What a foreign teacher that sees the views computes for one image in a step; 0 where it is not known.</summary>
    private static long MacsOfViews(TrainOptions options, TeacherSource source)
    {
        if (options.Teacher is not { Views: TeacherViews.Same }) return 0;
        using var teacher = source.Open();
        return (teacher.Macs ?? 0) * options.Method.Views.Views.Count(view => view.Roles.HasFlag(ViewRoles.Student));
    }

    /// <summary>Times steps after the first, and stops the run when the time is over.</summary>
    private sealed class StepClock(double seconds) : ITrainObserver
    {
        private readonly Stopwatch watch = Stopwatch.StartNew();
        private readonly List<double> times = [];
        private double last;

        public CancellationTokenSource Stop { get; } = new();

        public double Median => times.Order().ElementAt(times.Count / 2);

        public void Report(TrainProgress progress)
        {
            var now = watch.Elapsed.TotalSeconds;
            // The first step also loads kernels.
            if (progress.Step > 1 || progress.Steps == 1) times.Add(now - last);
            last = now;
            if (times.Count > 0 && now >= seconds) Stop.Cancel();
        }

        public void Notice(string line)
        {
        }
    }
}
