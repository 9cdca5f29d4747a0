"""How good a model is on labelled photos: COCO AP of boxes and masks, branch by branch."""
