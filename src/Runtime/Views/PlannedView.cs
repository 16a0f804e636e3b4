namespace DataSsl.Runtime.Views;

/// <summary>The networks that a view is shown to.</summary>
[Flags]
public enum ViewRoles
{
    /// <summary>The network that is trained.</summary>
    Student = 1,

    /// <summary>The network that follows it and gives the targets.</summary>
    Teacher = 2,
}

/// <summary>One view of each image; a local crop is a view with a smaller size and a smaller area.</summary>
/// <param name="Name">Names it in messages.</param>
/// <param name="Recipe">How it is made.</param>
/// <param name="Roles">Who sees it; nothing is made for the others.</param>
public sealed record PlannedView(string Name, ViewRecipe Recipe, ViewRoles Roles);

/// <summary>A pair of views in the loss: what the student makes of one is compared with the target made from another.</summary>
/// <param name="Target">The number of the view that the target is made from: by the teacher where it sees it, otherwise by the student.</param>
/// <param name="Prediction">The number of the view that the student sees.</param>
/// <param name="Weight">The pair's share of the loss; those of a plan sum to 1.</param>
public sealed record ViewTerm(int Target, int Prediction, double Weight);
