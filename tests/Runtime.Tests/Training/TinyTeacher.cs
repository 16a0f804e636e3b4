using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>A foreign teacher that says of an image its colours in twenty mixtures, and of its quarters in ten.</summary>
internal sealed class TinyTeacher(int size = TinyTeacher.Side) : ForeignTeacher(size)
{
    public const int Length = 20;

    /// <summary>Of the images that it is shown.</summary>
    public const int Side = 40;

    private readonly Tensor mixtures = Seeded.Uniform("mixtures", [Length, 3 * 16]).DetachFromDisposeScope();

    public override int Dimension => Length;

    public override int MapSide => 4;

    /// <summary>How many images it was shown.</summary>
    public int Shown { get; private set; }

    /// <summary>How often it was freed.</summary>
    public int Freed { get; private set; }

    public override (Tensor Embedding, Tensor? Map) Run(Tensor images)
    {
        Assert.Equal([3, Size, Size], images.shape[1..]);
        Assert.InRange(images.shape[0], 1, Batch);
        Shown += (int)images.shape[0];
        using var scope = NewDisposeScope();
        var map = nn.functional.adaptive_avg_pool2d(images, [4, 4]);
        return (nn.functional.linear(map.flatten(1), mixtures).MoveToOuterDisposeScope(), map.MoveToOuterDisposeScope());
    }

    public override void Dispose()
    {
        mixtures.Dispose();
        Freed++;
    }

    /// <summary>
    /// A run's configuration under this teacher, where its objective has one: with the views where maps are compared, otherwise with images
    /// as they are.
    /// </summary>
    public static TrainOptions Under(TrainOptions options) => options is { Teacher: null, Method.Objective: DistillOptions o }
        ? options with
        {
            Teacher = new("tiny", "0123456789abcdef", null, Side, Length, o.SpatialWeight > 0 ? TeacherViews.Same : TeacherViews.Clean),
        } : options;
}
