using System.Diagnostics;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>Trains for a moment, for what a run will take.</summary>
internal sealed class TrainTrial(
    SearchSpace space, TrainOptions options, ImageStore images, FromWeights? from, TeacherSource? teacher, Device device)
{
    /// <summary>Images that a foreign teacher is timed on.</summary>
    private const int TeacherImages = 2 * ForeignTeacher.Batch;

    /// <param name="seconds">To train for.</param>
    /// <param name="decoded">Seconds that decoding took.</param>
    /// <param name="saveEvery">Seconds between checkpoints; 0 for one after every step.</param>
    /// <param name="keep">Checkpoints that are kept.</param>
    public TrainPlan Plan(double seconds, double decoded, double saveEvery, int keep)
    {
        var trial = Run(seconds);
        var training = trial.Steps * trial.SecondsPerStep;
        var saves = Math.Min(trial.Steps, 1 + (saveEvery > 0 ? training / saveEvery : trial.Steps));
        return new(
            trial.Steps, trial.SecondsPerStep, decoded + trial.TeacherSeconds + training
                + saves * trial.SaveSeconds, options.Method.MacsPerImage(space, (ulong)options.Seed)
                + trial.TeacherMacs, trial.Parameters, ProcessMemory.PeakBytes(),
            (keep + 1) * trial.CheckpointBytes + trial.TeacherBytes);
    }

    /// <param name="TeacherSeconds">For a foreign teacher to embed all images before the training.</param>
    /// <param name="TeacherBytes">Of the file that keeps what it said.</param>
    /// <param name="TeacherMacs">Its multiply-accumulates for one image in one step.</param>
    private sealed record Figures(
        long Steps, double SecondsPerStep, double SaveSeconds, long CheckpointBytes, long Parameters, double TeacherSeconds,
        long TeacherBytes, long TeacherMacs);

    /// <summary>
    /// A trial of the steps of all students, one of those of Max alone where the run begins with such, and one of steps with an update of
    /// the architecture where that is learnt.
    /// </summary>
    private Figures Run(double seconds)
    {
        var (share, learning) = (options.Method.MaxFirst, options.Method.Learning);
        seconds /= 1 + (share > 0 ? 1 : 0) + (learning is null ? 0 : 1);
        var all = Probe(With(maxFirst: 0, warmup: 1), seconds);
        var (usual, step) = (all.SecondsPerStep, all.SecondsPerStep);
        if (share > 0) step += share * (Probe(With(maxFirst: 1, warmup: 1), seconds).SecondsPerStep - usual);
        if (learning is not null)
            step += (1 - learning.Warmup) / learning.Every * (Probe(With(maxFirst: 0, warmup: 0), seconds).SecondsPerStep - usual);
        return all with { SecondsPerStep = step };

        TrainOptions With(double maxFirst, double warmup) => options with
        {
            Method = options.Method with
            {
                MaxFirst = maxFirst,
                Learning = learning is null ? null : learning with { Warmup = warmup, Every = 1 },
            },
        };
    }

    /// <summary>Trains for real in a folder that goes away, so that the figures are those of the very code that will run.</summary>
    private Figures Probe(TrainOptions tried, double seconds)
    {
        var folder = Directory.CreateTempSubdirectory("datassl-plan-").FullName;
        try
        {
            var clock = new StepClock(seconds);
            using var trainer = new Trainer(
                space, tried, images, device, folder, clock, start: FromWeights.Filling(from, tried),
                teacher: teacher is null ? null : teacher with { Most = TeacherImages });
            trainer.Run(new(TimeSpan.Zero, TimeSpan.MaxValue), clock.Stop.Token);
            var saving = Stopwatch.StartNew();
            trainer.Save();
            return new(
                trainer.Steps, clock.Median, saving.Elapsed.TotalSeconds, new FileInfo(trainer.CheckpointPath).Length,
                trainer.Model.Networks.StudentWeights.Slots.Sum(slot => slot.Count), trainer.TeacherSeconds ?? 0,
                options.Teacher is { Views: TeacherViews.Clean } clean
                    ? (long)images.Count * clean.Dimension * sizeof(float)
                    : 0, teacher is null
                    ? 0
                    : MacsOfViews(teacher));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What a foreign teacher that sees the views computes for one image in a step; 0 where it is not known.</summary>
    private long MacsOfViews(TeacherSource source)
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
