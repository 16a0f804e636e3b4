using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Tests.Training.Objectives;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Teachers;

/// <summary>What a run knows of its foreign teacher: computed once, kept, dealt to processes, and learnt.</summary>
[Collection(SingleThread.Name)]
public sealed class ForeignTargetsTests
{
    private static readonly Method clean = new(
        new DistillOptions(TinyTeacher.Length, 24, 2 * TinyModel.Batch, TeacherTemperature: 0.05), new(OptimizerKind.Sgd, 1e-4),
        ViewPlan.CropFlip(32));

    [Fact]
    public void Images_as_they_are_are_embedded_once_and_a_run_that_goes_on_needs_the_teacher_no_more()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 2) with { Method = clean };
        var opened = new List<TinyTeacher>();
        using (var first = run.Trainer(options, "run", teacher: Opened)) run.Train(first, until: 2);
        var teacher = Assert.Single(opened);
        Assert.Equal((TinyRun.Images, 1), (teacher.Shown, teacher.Freed));
        var path = Path.Combine(run.Folder("run"), ForeignTargets.FileName);
        using var scope = NewDisposeScope();
        var kept = Embeddings(path);
        // By the teacher's own words, image by image.
        using var again = new TinyTeacher();
        for (var image = 0; image < TinyRun.Images; image++)
        {
            var (expected, _) = again.Embed(ViewMaker.Make(run.Store, [image], ViewRecipe.CenterCrop(TinyTeacher.Side), 0, 0, 0, CPU));
            Close.To(expected[0], kept[image], 1e-6, $"embedding of image {image}");
        }
        using (var second = run.Trainer(options, "run", teacher: Opened)) Assert.Equal(2, second.Step);
        Assert.Single(opened);

        // Damage is told, and mended by the same teacher to the same bits.
        using (var file = File.OpenWrite(path))
        {
            file.Seek(-3, SeekOrigin.End);
            file.WriteByte(0x55);
        }
        using (run.Trainer(options, "run", teacher: Opened)) Assert.Equal(2, opened.Count);
        Assert.Contains(
            run.Observer.Notices,
            notice => notice.StartsWith(path, StringComparison.Ordinal) && notice.EndsWith("computed anew", StringComparison.Ordinal));
        Close.SameBits(kept, Embeddings(path), "embeddings");
        // What another teacher said is no use.
        using (
            run.Trainer(
                options with { Teacher = TinyTeacher.Under(options).Teacher! with { Hash = "fedcba9876543210" } }, "other",
                teacher: Opened))
            Assert.Equal(3, opened.Count);
        File.Copy(Path.Combine(run.Folder("other"), ForeignTargets.FileName), path, overwrite: true);
        using (run.Trainer(options, "run", teacher: Opened)) Assert.Equal(4, opened.Count);

        TinyTeacher Opened()
        {
            opened.Add(new());
            return opened[^1];
        }

        Tensor Embeddings(string of)
        {
            var (tensors, _) = SafeTensors.Read(of);
            scope.Attach(tensors["embeddings"]);
            return tensors["embeddings"];
        }
    }

    [Fact]
    public void Processes_share_the_embedding_and_have_the_same_bits()
    {
        using var run = new TinyRun();
        var options = TinyTeacher.Under(run.Options(epochs: 2) with { Method = clean with { NormGroups = 2 } });
        using (var alone = run.Trainer(options, "alone")) run.Train(alone);
        var shown = Processes.Run(2, group =>
        {
            var teacher = new TinyTeacher();
            using var trainer = new Trainer(
                Tiny.Space, options, run.Store, CPU, run.Folder($"{group.Rank}"), new TinyRun.Recorder(), processes: group,
                teacher: new(() => teacher, _ => run.Store));
            trainer.Run(new(TimeSpan.Zero, TimeSpan.Zero));
            return teacher.Shown;
        });
        // All in one batch, which one of them computes.
        Assert.Equal([TinyRun.Images, 0], shown);
        Assert.Empty(Directory.GetFiles(run.Folder("1")));
        using var scope = NewDisposeScope();
        var (mine, _) = SafeTensors.Read(Path.Combine(run.Folder("0"), CheckpointFolder.NewestFile));
        var (theirs, _) = SafeTensors.Read(Path.Combine(run.Folder("alone"), CheckpointFolder.NewestFile));
        Close.SameBits(theirs["teacherQueue"], mine["teacherQueue"], "queue");
        foreach (var (key, tensor) in theirs.Where(entry => entry.Key.StartsWith("student.", StringComparison.Ordinal)))
            Close.To(tensor, mine[key], 1e-4, key, rounding: 1e-5);
        foreach (var tensor in mine.Concat(theirs).Select(entry => entry.Value)) tensor.Dispose();
    }

    /// <summary>
    /// What all images have in common is no part of a target: the teacher's own embeddings less their mean, in 64 bits. With views it is
    /// the mean of images as they are.
    /// </summary>
    [Theory]
    [InlineData(TeacherViews.Clean)]
    [InlineData(TeacherViews.Same)]
    public void Targets_are_less_what_all_images_have_in_common(TeacherViews shown)
    {
        using var run = new TinyRun();
        using var scope = NewDisposeScope();
        var plan = ViewPlan.CropFlip(32);
        using var targets = ForeignTargets.Create(
            new("tiny", "0123456789abcdef", null, TinyTeacher.Side, TinyTeacher.Length, shown),
            new(() => new TinyTeacher(), _ => run.Store), run.Store, CPU, run.Folder("run"), null, _ => { });
        using var teacher = new TinyTeacher();
        int[] queries = [7, 2, 11];
        using var views = ViewMaker.MakeBatch(run.Store, queries, plan, 3, 1, CPU);
        var all = Said(
            ViewMaker.Make(run.Store, [.. Enumerable.Range(0, TinyRun.Images)], ViewRecipe.CenterCrop(TinyTeacher.Side), 0, 0, 0, CPU));
        var own = shown == TeacherViews.Clean
            ? [.. queries.Select(image => all[image])]
            : Said(ViewResize.To(views.Student(0), TinyTeacher.Side));
        double[] mean = [.. Enumerable.Range(0, TinyTeacher.Length).Select(i => all.Average(z => z[i]))];
        Assert.True(Length(mean) > 0.3, "the images have little in common, and nothing is tried");

        var said = targets.Of(queries, views, plan, withMaps: false)[0]!.Z;
        for (var row = 0; row < queries.Length; row++)
        {
            double[] rest = [.. own[row].Zip(mean, (z, m) => z - m)];
            Close.To(tensor([.. rest.Select(z => (float)(z / Length(rest)))]), said[row], 1e-5, $"target {row}");
        }

        List<double[]> Said(Tensor images) =>
            [.. teacher.Embed(images).Embedding.to(ScalarType.Float64).unbind().Select(z => z.data<double>().ToArray())];

        static double Length(double[] z) => Math.Sqrt(z.Sum(value => value * value));
    }

    /// <summary>Similarities by loops in 64 bits: the image's own embedding before those of the newest batches.</summary>
    [Fact]
    public void The_queue_holds_the_newest_embeddings_and_the_loss_is_over_them_and_the_images_own()
    {
        using var scope = NewDisposeScope();
        const int length = 5, images = 4, keys = 8;
        var options = new DistillOptions(length, QueueLength: keys, Temperature: 0.3, TeacherTemperature: 0.05);
        using var queue = new KeyQueue(length, keys, seed: 1, CPU);
        using var distill = new Distill(options, queue, beside: null);
        var newest = Enumerable.Range(0, keys).Select(key => queue.Keys.select(1, key).data<float>().ToArray()).ToList();
        using var generator = new Generator(5);
        for (var step = 0; step < 4; step++)
        {
            var (student, teacher) = (nn.functional.normalize(randn([images, length], generator: generator), dim: 1),
                nn.functional.normalize(randn([images, length], generator: generator), dim: 1));
            var said = distill.Assigned([new(teacher)]);
            var loss = distill.Loss(new([new(0, 0, 1)], [new(student)], [null]) { Foreign = said }, TinyObjectives.At(step));
            var (s, t) = (Rows(student), Rows(teacher));
            var expected = Enumerable.Range(0, images).Average(i =>
            {
                var others = newest.Prepend(t[i]).ToList();
                var (target, own) = (Softmax(others.Select(key => Dot(t[i], key) / 0.05)),
                    Softmax(others.Select(key => Dot(s[i], key) / 0.3)));
                return -target.Zip(own, (p, q) => p * Math.Log(q)).Sum();
            });
            Assert.Equal(expected, loss.item<float>(), 1e-5);
            distill.RememberForeign(teacher);
            newest = [.. newest.Skip(images), .. t];
            Assert.Equal(
                newest.Select(key => string.Join(' ', key)).Order(),
                Enumerable.Range(0, keys).Select(key => string.Join(' ', queue.Keys.select(1, key).data<float>().ToArray())).Order());
        }

        static List<float[]> Rows(Tensor tensor) =>
            [.. Enumerable.Range(0, (int)tensor.shape[0]).Select(i => tensor[i].data<float>().ToArray())];

        static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

        static List<double> Softmax(IEnumerable<double> logits)
        {
            var weights = logits.Select(Math.Exp).ToList();
            return [.. weights.Select(weight => weight / weights.Sum())];
        }
    }

    /// <summary>
    /// Four classes that differ by a tint which is small beside what all pictures differ by. The teacher says it; one that learnt sees it
    /// better than one with random weights, in other pictures too.
    /// </summary>
    [Fact]
    public void A_student_learns_what_the_teacher_says()
    {
        using var folder = new TemporaryFolder();
        var (train, test) = (Tinted("train", 0), Tinted("test", 1000));
        var options = new TrainOptions
        {
            Space = "Tiny",
            SpaceHash = Tiny.Space.Hash,
            Data = folder["train"],
            DataFingerprint = train.Fingerprint,
            Size = 16,
            Batch = 16,
            Epochs = 25,
            Rate = 0.05,
            Seed = 1,
            Compute = ComputeType.Float32,
            Teacher = new("tint", "0123456789abcdef", null, 16, TintTeacher.Length),
            Method = new(new DistillOptions(TintTeacher.Length, 32, 48), new(OptimizerKind.Sgd, 1e-4), ViewPlan.CropFlip(16)),
        };
        var observer = new TinyRun.Recorder();
        using var trainer = new Trainer(
            Tiny.Space, options, train, CPU, Directory.CreateDirectory(folder["run"]).FullName, observer,
            teacher: new(() => new TintTeacher(), _ => train));
        var before = new[] { Tiny.Space.Max, Tiny.Space.Min }.Select(Accuracy).ToList();
        trainer.Run(new(TimeSpan.Zero, TimeSpan.FromHours(1)));
        var after = new[] { Tiny.Space.Max, Tiny.Space.Min }.Select(Accuracy).ToList();
        var (first, last) = (observer.Progress.Take(4).Average(p => p.Loss), observer.Progress.TakeLast(4).Average(p => p.Loss));
        Assert.True(last < first - 0.1, $"the loss went from {first:0.000} to {last:0.000}");
        // A quarter is chance; of 64 pictures 30 are five deviations above.
        Assert.All(after, accuracy => Assert.InRange(accuracy, 30 / 64.0, 1));
        Assert.True(
            after.Average() > before.Average() + 0.05, $"kNN went from {string.Join(" and ", before)} to {string.Join(" and ", after)}");

        double Accuracy(Architecture architecture)
        {
            using var scope = NewDisposeScope();
            var embedder = new Embedder(trainer.Model.Networks.Student, architecture, 16, CPU);
            return KnnClassifier.Accuracy(embedder.Embed(train), train.Labels!, embedder.Embed(test, train), test.Labels!);
        }

        ImageStore Tinted(string name, int seed)
        {
            for (var i = 0; i < 64; i++)
            {
                var (rgb, shift) = (Pictures.Waves(16, 16, seed + i).Rgb.ToArray(), TintTeacher.Tints[i % 4]);
                for (var at = 0; at < rgb.Length; at++) rgb[at] = (byte)Math.Clamp(rgb[at] + shift[at % 3], 0, 255);
                folder.Write($"{name}/{i % 4}/{i:000}.png", Pictures.Encoded(new Image(16, 16, rgb)));
            }
            return ImageStore.Load(ImageFolder.Open(folder[name]), new() { Canvas = 16, Workers = 1 });
        }
    }

    /// <summary>
    /// What is left of one embedding for all images when their mean is taken away is how it is rounded: nothing to learn from.
    /// </summary>
    [Theory]
    [InlineData(TeacherViews.Clean)]
    [InlineData(TeacherViews.Same)]
    public void A_teacher_that_says_the_same_of_all_images_is_refused(TeacherViews views)
    {
        using var run = new TinyRun();
        var origin = TinyTeacher.Under(run.Options(epochs: 1) with { Method = clean }).Teacher! with { Views = views, Dimension = 3 };
        var refused = Assert.Throws<UserException>(
            () =>
                ForeignTargets.Create(
                    origin, new(() => new SameTeacher(), _ => run.Store), run.Store, CPU, run.Folder("same"), null, _ => { }));
        Assert.Equal(
            $"tiny: says the same of all {TinyRun.Images} images, so there is nothing to learn from it; give another --teacher, or other images",
            refused.Message);
        Assert.Empty(Directory.GetFiles(run.Folder("same")));
    }

    /// <summary>Says the same of all images, but for the last bits.</summary>
    private sealed class SameTeacher() : ForeignTeacher(TinyTeacher.Side)
    {
        public override int Dimension => 3;

        public override int MapSide => 0;

        public override (Tensor Embedding, Tensor? Map) Run(Tensor images)
        {
            using var scope = NewDisposeScope();
            return ((images.mean([2L, 3L]) * 1e-7 + 1).MoveToOuterDisposeScope(), null);
        }

        public override void Dispose()
        {
        }
    }

    /// <summary>Says which tint a picture has, by its mean colour less that of waves.</summary>
    private sealed class TintTeacher() : ForeignTeacher(16)
    {
        public const int Length = 4;

        public static readonly int[][] Tints = [[25, -25, 0], [-25, 0, 25], [0, 25, -25], [0, 0, 0]];

        public override int Dimension => Length;

        public override int MapSide => 0;

        public override (Tensor Embedding, Tensor? Map) Run(Tensor images)
        {
            using var scope = NewDisposeScope();
            var std = new ViewRecipe { Size = 1 }.Std;
            var mean = images.mean([2L, 3L]) * tensor(std.ToSingle());
            var tints = tensor(Tints.SelectMany(tint => tint.Select(value => value / 255f)).ToArray(), [4, 3]);
            var colour = mean - mean.mean([1L], keepdim: true);
            return ((cdist(colour, tints).neg() * 60).softmax(1).MoveToOuterDisposeScope(), null);
        }

        public override void Dispose()
        {
        }
    }
}
